"""Rasa's wiring around `UrgencyFinder`: the first pipeline part, so that an emergency wins over any guess."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.urgent import UrgencyFinder

URGENCY = "urgency"
INTENT_BY_LEVEL = {
    "emergency": "report_emergency",
    "crisis": "report_crisis",
    "same_day": "report_same_day",
}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class UrgentGuard(GraphComponent, IntentClassifier):
    """Adds `urgency` (level and category) to each message, and the intent when the level is not "none"."""

    def __init__(self, finder: UrgencyFinder) -> None:
        self._finder = finder

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "UrgentGuard":
        """A new guard with the patterns that ship with the engine; it is not trained and keeps nothing."""
        return cls(UrgencyFinder())

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `urgency` to each message; an urgent one also gets its intent, with confidence 1."""
        for message in messages:
            found = self._finder.find_urgency(message.get(TEXT) or "")
            urgency = {"level": found.level, "category": found.category or ""}
            message.set(URGENCY, urgency, add_to_output=True)
            if found.level != "none":
                intent = {INTENT_NAME_KEY: INTENT_BY_LEVEL[found.level], PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, intent, add_to_output=True)
        return messages
