"""The first pipeline part: mends the spelling of a message and turns it into numbers, once for all parts.

It adds `sentence` (the words as understood), `sentence_vector`, and `sentence_parts` (further questions in
the message, each with its vector); none of them leaves the pipeline.
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
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file

from engine.questions import split_questions
from engine.sentence_encoder import SentenceEncoder
from engine.spelling import Spelling
from engine.text import tidy

SENTENCE = "sentence"
VECTOR = "sentence_vector"
PARTS = "sentence_parts"
VOCABULARY = "vocabulary.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceReader(GraphComponent):
    """Rasa's wiring around `Spelling` and `SentenceEncoder`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`encoder`: model file; `short_forms`: what visitors type for short."""
        return {"encoder": "models/encoder/minilm.onnx", "short_forms": "engine/short_forms.yml"}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._short_forms = read_yaml_file(config["short_forms"])
        self._model_storage = model_storage
        self._resource = resource
        self._encoder = SentenceEncoder(Path(config["encoder"]))
        self._spelling: Spelling

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceReader":
        """A new component that knows no words yet."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the assistant's own words from all wordings."""
        wordings = [tidy(message.get(TEXT)) for message in training_data.intent_examples if message.get(TEXT)]
        self._spelling = Spelling.learn(wordings, self._short_forms)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / VOCABULARY).write_text(json.dumps(self._spelling.own_words), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Read all wordings, for the parts that are trained after this one."""
        self._read([message for message in training_data.training_examples if message.get(TEXT)])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add sentence, vector and parts to each message."""
        self._read(messages)
        for message in messages:
            parts = split_questions(message.get(SENTENCE))
            message.set(PARTS, list(zip(parts, self._encoder.encode(parts), strict=True)))
        return messages

    def _read(self, messages: List[Message]) -> None:
        sentences = [self._spelling.correct(tidy(message.get(TEXT) or "")) for message in messages]
        vectors = self._encoder.encode(sentences)
        for message, sentence, vector in zip(messages, sentences, vectors, strict=True):
            message.set(SENTENCE, sentence)
            message.set(VECTOR, vector)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceReader":
        """A component that knows the words of the model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        component._spelling = Spelling(words, component._short_forms)
        return component


def vectors_of(messages: List[Message]) -> np.ndarray:
    """The vectors of messages that were read; shape (messages, 896)."""
    return np.vstack([message.get(VECTOR) for message in messages])
