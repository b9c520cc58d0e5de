"""The pipeline part that understands: topic, decision, and what the gateway is told about both.

It comes last in the pipeline and respects what the urgent guard said. Everything a caller may want to
know about a message stands under one key of the message, `understanding`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.decision import Roles
from engine.judgement import Judge, Judgement
from engine.sentence_reader import PARTS, SENTENCE, VECTOR, vectors_of
from engine.urgent_guard import LEVEL_BY_INTENT, URGENCY
from engine.urgent_model import NONE

UNDERSTANDING = "understanding"
RANKING_LENGTH = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Rasa's wiring around `Judge`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`dialogue` and `refusal`: intents that are not questions we answer."""
        return {"dialogue": [], "refusal": []}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._roles = Roles(frozenset(config["dialogue"]), frozenset(config["refusal"]))
        self._model_storage = model_storage
        self._resource = resource
        self._judge: Judge

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicClassifier":
        """A new untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn topics and thresholds from all wordings with an intent."""
        examples = [
            message for message in training_data.intent_examples if message.get(TEXT) and _is_live(message)
        ]
        self._judge = Judge.train(
            sentences=[message.get(SENTENCE) for message in examples],
            vectors=vectors_of(examples),
            intents=[message.get(INTENT) for message in examples],
            titles=_titles(examples),
            roles=self._roles,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._judge.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add intent, ranking and understanding to each message."""
        for message in messages:
            judged = self._judge.judge((message.get(SENTENCE), message.get(VECTOR)), message.get(PARTS) or [])
            urgency = _urgency(message, judged)
            understanding = _describe(judged, urgency)
            if urgency["level"] == NONE:
                intent = {"name": _rule_intent(judged, self._roles), "confidence": judged.confidence}
                message.set(INTENT, intent, add_to_output=True)
            elif urgency is not message.get(URGENCY):
                message.set(INTENT, {"name": judged.best, "confidence": 1.0}, add_to_output=True)
                message.set(URGENCY, urgency, add_to_output=True)
            ranking = [
                {"name": entry["intent"], "confidence": entry["confidence"]}
                for entry in understanding["ranking"]
            ]
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(UNDERSTANDING, understanding, add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TopicClassifier":
        """A trained component."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._judge = Judge.load(folder, component._roles)
        return component


def _urgency(message: Message, judged: Judgement) -> Dict[str, str]:
    """What the guard found; when it found nothing and the topic is an emergency all the same, that counts.

    However unsure that guess is: asking back which of three topics was meant would lose time.
    """
    found: Dict[str, str] = message.get(URGENCY) or {"level": NONE, "category": ""}
    if found["level"] != NONE or judged.best not in LEVEL_BY_INTENT:
        return found
    return {"level": LEVEL_BY_INTENT[judged.best], "category": ""}


def _describe(judged: Judgement, urgency: Dict[str, str]) -> Dict[str, Any]:
    is_urgent = urgency["level"] != NONE
    return {
        "decision": "urgent" if is_urgent else judged.decision.kind,
        "intent": judged.best,
        "confidence": round(judged.confidence, 4),
        "familiarity": round(judged.familiarity, 4),
        "ranking": [
            {"intent": intent, "confidence": round(probability, 4)}
            for intent, probability in judged.guess.ranking[:RANKING_LENGTH]
        ],
        "urgent": urgency["level"],
        "urgent_category": urgency["category"],
        "options": [] if is_urgent else judged.options,
        "also": [] if is_urgent else judged.also,
    }


def _rule_intent(judged: Judgement, roles: Roles) -> str:
    """The intent the rules see: not sure and not known have names of their own."""
    if judged.decision.kind == "clarify":
        return "nlu_clarify"
    if judged.decision.kind == "fallback" and judged.best not in roles.refusal:
        return "nlu_fallback"
    return judged.best


def _is_live(example: Message) -> bool:
    """A wording of a question that is a draft or off is not learned: nobody shall be answered with it."""
    record = (example.get("metadata") or {}).get("intent") or {}
    return (record.get("state") or "live") == "live"


def _titles(examples: List[Message]) -> Dict[str, str]:
    """Button titles from the metadata of the topic files."""
    titles = {}
    for message in examples:
        metadata = message.get("metadata") or {}
        title = (metadata.get("intent") or {}).get("title")
        if title:
            titles[message.get(INTENT)] = title
    return titles
