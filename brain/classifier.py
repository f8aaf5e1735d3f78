"""The theme classifier: least squares on what a message means, how it is spelt and how it sounds, calibrated.

A message is compared with every training example by one kernel, a weighted sum of: the closeness of their sentence
vectors, as written and with abbreviations written out; and the cosines of their TF-IDF vectors over characters 2-5,
words 1-2 and the characters of a phonetic reading. It is scored by K A. Least squares in this dual form gives two
things for free: the scores each training example would get had it been left out (so the confidences are calibrated on
unseen text without training five times), and the nearest examples (so a decision can be explained). What was tried
stands in docs/adr/0003-understanding.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Text, Tuple

import joblib
import numpy as np
import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer

from brain.sentence import SentenceVectors, encode
from brain.words import expand, fold, phonetic, segments

__all__ = ["RANKING_LENGTH", "ThemeClassifier", "ThemeModel"]

RANKING_LENGTH = 10
NEAREST = 3
WORD = r"\w+"


class ThemeModel:
    """The mathematics, without Rasa: `fit` once, then `predict` texts and their vectors."""

    def __init__(self, config: Dict[Text, Any], abbreviations: Dict[Text, Text]) -> None:
        self.weights = {name: config[name] for name in ("sentence", "characters", "words", "sounds")}
        self.sharpness, self.ridge = config["sharpness"], config["ridge"]
        self.abbreviations = abbreviations

    def fit(self, texts: List[Text], vectors: np.ndarray, labels: List[Text]) -> ThemeModel:
        """`vectors` (n, 512), unit length. Deterministic: no random number is drawn."""
        self.tfidf = {
            "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32),
            "words": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD, dtype=np.float32),
            "sounds": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32),
        }
        plain = self._plain(texts)
        readings = self._readings(plain)
        self.known = {  # (features, examples), ready to multiply
            name: tfidf.fit_transform(readings[name]).T.tocsr() for name, tfidf in self.tfidf.items()
        }
        self.as_written, self.as_meant = vectors.astype(np.float32), encode(plain).astype(np.float32)
        self.texts, self.labels = list(texts), list(labels)
        self.classes = sorted(set(labels))
        index = {label: n for n, label in enumerate(self.classes)}
        truth = np.array([index[label] for label in labels])

        gram = self._kernel(plain, self.as_written, self.as_meant).astype(np.float64) + 1.0  # + 1: the intercept
        gram[np.diag_indices_from(gram)] += self.ridge
        target = -np.ones((len(labels), len(self.classes)))
        target[np.arange(len(labels)), truth] = 1.0
        factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
        dual = cho_solve(factor, target, check_finite=False)
        inverse, _ = dpotri(factor[0], lower=True, overwrite_c=True)  # cheaper than solving for I
        self.dual = dual.astype(np.float32)
        self.temperature = _calibrate(target - dual / np.diag(inverse)[:, None], truth)
        return self

    def predict(self, texts: List[Text], vectors: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """(probabilities (n, classes), similarities to the training examples (n, examples) between 0 and 1)."""
        plain = self._plain(texts)
        kernel = self._kernel(plain, vectors.astype(np.float32), encode(plain).astype(np.float32))
        scores = (kernel + 1.0) @ self.dual * self.temperature
        scores -= scores.max(axis=1, keepdims=True)
        likelihood = np.exp(scores)
        return likelihood / likelihood.sum(axis=1, keepdims=True), kernel

    def _plain(self, texts: List[Text]) -> List[Text]:
        return [expand(text, self.abbreviations) for text in texts]

    def _readings(self, plain: List[Text]) -> Dict[Text, List[Text]]:
        return {"characters": plain, "words": plain, "sounds": [phonetic(text) for text in plain]}

    def _kernel(self, plain: List[Text], as_written: np.ndarray, as_meant: np.ndarray) -> np.ndarray:
        readings = self._readings(plain)
        kernel = self.weights["sentence"] * (
            np.exp(self.sharpness * (as_written @ self.as_written.T - 1.0))
            + np.exp(self.sharpness * (as_meant @ self.as_meant.T - 1.0))
        )
        for name, tfidf in self.tfidf.items():
            kernel += self.weights[name] * (tfidf.transform(readings[name]) @ self.known[name]).toarray()
        return kernel / (self.weights["sentence"] + sum(self.weights.values()))


def _calibrate(left_out: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the left-out scores most likely; found by a bounded search, in log scale."""

    def surprise(log_temperature: float) -> float:
        scores = left_out * np.exp(log_temperature)
        scores = scores - scores.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(truth)), truth]))

    return float(np.exp(minimize_scalar(surprise, bounds=(-1.0, 4.0), method="bounded").x))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ThemeClassifier(GraphComponent, IntentClassifier):
    """Sets intent, ranking, nearest examples and, for a message in several parts, the theme of each part."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [SentenceVectors]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "sentence": 2.0,  # weight of each of the two sentence vectors
            "sharpness": 3.0,  # how fast closeness falls with the angle between sentence vectors
            "characters": 0.7,
            "words": 1.0,
            "sounds": 0.7,
            "ridge": 0.1,
            "lexicon_file": "data/lexique.yml",
            "not_classified": [],  # intents whose examples exist for Rasa's validator only
        }

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self.model: ThemeModel = None  # type: ignore[assignment]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ThemeClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ThemeClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.model = joblib.load(folder / "themes.joblib")
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            message
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT) not in self._config["not_classified"]
        ]
        lexicon = rasa.shared.utils.io.read_yaml_file(Path(self._config["lexicon_file"]))["abreviations"]
        abbreviations = {fold(str(short)): fold(str(long)) for short, long in lexicon.items()}
        self.model = ThemeModel(self._config, abbreviations).fit(
            [message.get(TEXT) for message in examples],
            np.vstack([_vector(message) for message in examples]),
            [message.get(INTENT) for message in examples],
        )
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self.model, folder / "themes.joblib", compress=1)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT):
                self._understand(message)
        return messages

    def _understand(self, message: Message) -> None:
        probabilities, kernel = self.model.predict([message.get(TEXT)], _vector(message)[None, :])
        ranking = self._ranking(probabilities[0])
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking[:RANKING_LENGTH], add_to_output=True)
        message.set("nearest", self._nearest(kernel[0]), add_to_output=True)
        parts = segments(message.get(TEXT))
        if len(parts) > 1:
            each, _ = self.model.predict(parts, encode(parts))
            message.set("parts", [self._ranking(row)[0] for row in each])

    def _ranking(self, probabilities: np.ndarray) -> List[Dict[Text, Any]]:
        order = np.argsort(-probabilities, kind="stable")[:RANKING_LENGTH]
        return [{"name": self.model.classes[n], "confidence": round(float(probabilities[n]), 4)} for n in order]

    def _nearest(self, similarities: np.ndarray) -> List[Dict[Text, Any]]:
        order = np.argsort(-similarities, kind="stable")[:NEAREST]
        return [
            {
                "text": self.model.texts[n],
                "intent": self.model.labels[n],
                "similarity": round(float(similarities[n]), 3),
            }
            for n in order
        ]


def _vector(message: Message) -> np.ndarray:
    """The sentence vector that SentenceVectors put in the message, shape (512,)."""
    _, sentence = message.get_dense_features(TEXT, [])
    return np.asarray(sentence.features).reshape(-1)
