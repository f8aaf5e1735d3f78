"""The component that gives a message the sentence vector of its reading (brain/encoder.py)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.component import Component
from brain.encoder import encode, encode_again
from brain.halves import halves
from brain.spelling import READING, Spelling

__all__ = ["HALF_VECTORS", "HALVES", "KEPT", "SentenceVectors"]

KEPT = "GUICHET_VECTORS"  # environment variable: the file in which training keeps its vectors for the next one
HALVES = "halves_read"  # the property of a message that holds what stands before and after each place to cut it
HALF_VECTORS = "half_vectors"  # and their vectors, (2 * places, DIMENSION)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(Component):
    """Adds to a message's features the sentence vector of its reading, and of its halves when it may ask two things."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Spelling]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"alias": "usem3"}

    def process(self, messages: List[Message]) -> List[Message]:
        for message in _read(messages):
            cut = [half for pair in halves(message.get(READING)) for half in pair]
            vectors = encode([message.get(READING), *cut])  # together: what takes long is to read the weights
            self._add(message, vectors[:1])
            message.set(HALVES, cut)
            message.set(HALF_VECTORS, vectors[1:])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        kept = os.environ.get(KEPT)
        said = _read(training_data.training_examples)
        texts = [message.get(READING) for message in said]
        vectors = encode_again(texts, Path(kept)) if kept else encode(texts)
        for n, message in enumerate(said):
            self._add(message, vectors[n : n + 1])
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))


def _read(messages: List[Message]) -> List[Message]:
    return [message for message in messages if message.get(READING) is not None]
