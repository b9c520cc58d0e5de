"""The pipeline part that understands: topic, decision, and what the gateway is told about both.

It comes last in the pipeline and respects what the urgent guard said. Everything a caller may want to
know about a message stands under one key of the message, `understanding`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.model_selection import StratifiedKFold

from engine.decision import Decision, HeldOutGuess, Roles, Thresholds, decide, learn_thresholds
from engine.sentence_encoder import SentenceEncoder, prepare_encoder
from engine.text import normalise
from engine.topic_model import SEED, TopicGuess, TopicModel

UNDERSTANDING = "understanding"
RANKING_LENGTH = 5
FOLDS = 4


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Rasa's wiring around `TopicModel` and `decide`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`encoder`: model file; `dialogue` and `refusal`: intents that are not questions we answer."""
        return {"encoder": "models/encoder/minilm.onnx", "dialogue": [], "refusal": []}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._roles = Roles(frozenset(config["dialogue"]), frozenset(config["refusal"]))
        encoder = Path(config["encoder"])
        prepare_encoder(encoder)
        self._encoder = SentenceEncoder(encoder)
        self._model: TopicModel
        self._thresholds: Thresholds
        self._titles: Dict[str, str] = {}

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
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        sentences = [normalise(message.get(TEXT)) for message in examples]
        intents = [message.get(INTENT) for message in examples]
        vectors = self._encoder.encode(sentences)
        self._thresholds = learn_thresholds(held_out_guesses(sentences, vectors, intents), self._roles)
        self._model = TopicModel.train(sentences, vectors, intents)
        self._titles = _titles(examples)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add intent, ranking and understanding to each message."""
        for message in messages:
            self._understand(message)
        return messages

    def _understand(self, message: Message) -> None:
        sentence = normalise(message.get(TEXT) or "")
        guess = self._model.guess(sentence, self._encoder.encode([sentence])[0])
        urgency = message.get("urgency") or {"level": "none", "category": ""}
        if urgency["level"] != "none":
            decision = Decision("urgent")
        else:
            decision = decide(guess.ranking, guess.score, self._thresholds, self._roles)
            intent = _dialogue_intent(decision, guess, self._roles)
            message.set(INTENT, {"name": intent, "confidence": guess.score}, add_to_output=True)
        understanding = self._describe(guess, decision, urgency)
        message.set("intent_ranking", _rasa_ranking(understanding["ranking"]), add_to_output=True)
        message.set(UNDERSTANDING, understanding, add_to_output=True)

    def _describe(self, guess: TopicGuess, decision: Decision, urgency: Dict[str, str]) -> Dict[str, Any]:
        return {
            "decision": decision.kind,
            "intent": guess.ranking[0][0],
            "confidence": round(guess.score, 4),
            "ranking": [
                {"intent": intent, "confidence": round(probability, 4)}
                for intent, probability in guess.ranking[:RANKING_LENGTH]
            ],
            "urgent": urgency["level"],
            "urgent_category": urgency["category"],
            "options": [
                {"intent": intent, "title": self._titles[intent]}
                for intent in decision.options
                if intent in self._titles
            ],
        }

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
            learned = {
                "answer": self._thresholds.answer,
                "clarify": self._thresholds.clarify,
                "titles": self._titles,
            }
            (folder / "learned.json").write_text(json.dumps(learned), encoding="utf-8")

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
            component._model = TopicModel.load(folder)
            learned = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
        component._thresholds = Thresholds(learned["answer"], learned["clarify"])
        component._titles = learned["titles"]
        return component


def held_out_guesses(sentences: List[str], vectors: np.ndarray, intents: List[str]) -> List[HeldOutGuess]:
    """Guesses about every wording by a model trained without that wording's fold (seeded)."""
    guesses = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for known, unseen in folds.split(sentences, intents):
        model = TopicModel.train([sentences[i] for i in known], vectors[known], [intents[i] for i in known])
        for i in unseen:
            guess = model.guess(sentences[i], vectors[i])
            guesses.append(HeldOutGuess(intents[i], guess.ranking, guess.score))
    return guesses


def _dialogue_intent(decision: Decision, guess: TopicGuess, roles: Roles) -> str:
    """The intent the rules see: not sure and not known have names of their own."""
    best = guess.ranking[0][0]
    if decision.kind == "clarify":
        return "nlu_clarify"
    if decision.kind == "fallback" and best not in roles.refusal:
        return "nlu_fallback"
    return best


def _rasa_ranking(ranking: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    return [{"name": entry["intent"], "confidence": entry["confidence"]} for entry in ranking]


def _titles(examples: List[Message]) -> Dict[str, str]:
    """Button titles from the metadata of the topic files."""
    titles = {}
    for message in examples:
        metadata = message.get("metadata") or {}
        title = (metadata.get("intent") or {}).get("title")
        if title:
            titles[message.get(INTENT)] = title
    return titles
