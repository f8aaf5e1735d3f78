"""The theme classifier: least squares on what a message means and how it is spelt, calibrated.

The reading of a message (brain/spelling.py) is compared with that of every training example by one kernel, a weighted
sum of the closeness of their sentence vectors and the cosines of their TF-IDF vectors over characters 2-5 and words
1-2. It is scored by K A. Least squares in this dual form gives two things for free: the scores a training example would
get had it been left out (so confidences and novelty are measured on unseen text without training five times), and the
nearest examples (so a decision can be explained). What was tried stands in docs/adr/0003-understanding.md.
"""

from __future__ import annotations

from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.linalg import cho_factor, cho_solve, eigh, solve_triangular
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.feature_extraction.text import TfidfVectorizer

from brain import archive
from brain.component import Component
from brain.processor import cores
from brain.sentence import HALF_VECTORS, HALVES, SentenceVectors
from brain.spelling import READING
from brain.words import plain

__all__ = ["RANKING_LENGTH", "ThemeClassifier", "ThemeModel"]

RANKING_LENGTH = 10
NEAREST = 3
LEFT_OUT = 1200  # examples on which confidences and novelty are measured, spread evenly
LARGE = 3000  # examples from which character runs standing in more than COMMON of them are dropped: slow, and no news
COMMON = 0.05
AXES = 256  # directions along which sentence vectors are seen, of MANY examples: along the others they vary little
MANY = 1000
WORD = r"\w+"
BLOCK = 500  # rows of the kernel reckoned at once in training


class ThemeModel:
    """The mathematics, without Rasa: `fit` once, then `predict` readings and their vectors."""

    def __init__(self, config: Dict[Text, Any]) -> None:
        self.weights = {name: config[name] for name in ("sentence", "characters", "words")}
        self.sharpness, self.ridge, self.assurance = config["sharpness"], config["ridge"], config["assurance"]
        self.outside, self.advised = config["outside"], config.get("advice")

    def fit(self, readings: List[Text], vectors: np.ndarray, labels: List[Text]) -> ThemeModel:
        """`vectors` (n, d), unit length. Deterministic: no random number is drawn. `order` says which of the examples
        given each row of the model is: those left out come last, where what is needed of an inverse is quick to find.
        """
        held = np.unique(np.linspace(0, len(labels) - 1, LEFT_OUT).astype(int))
        self.order = np.concatenate([np.setdiff1d(np.arange(len(labels)), held), held])
        readings, labels, vectors = (
            [readings[n] for n in self.order],
            [labels[n] for n in self.order],
            vectors[self.order],
        )
        most = COMMON if len(labels) >= LARGE else 1.0
        self.tfidf = {
            "characters": TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_df=most, dtype=np.float32
            ),
            "words": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD, dtype=np.float32),
        }
        bare = [plain(text) for text in readings]
        features = {name: tfidf.fit_transform(bare) for name, tfidf in self.tfidf.items()}
        self.known = {name: rows.T.tocsr() for name, rows in features.items()}  # ready to multiply
        self.axes = _main_axes(vectors) if len(labels) >= MANY else None
        self.vectors = self._seen(vectors)
        self.labels, self.classes = list(labels), sorted(set(labels))
        index = {label: n for n, label in enumerate(self.classes)}
        truth = np.array([index[label] for label in labels])

        gram = np.zeros((len(labels), len(labels)), dtype=np.float32)  # lower half: all we need

        def fill(start: int) -> None:
            rows, upto = slice(start, start + BLOCK), min(start + BLOCK, len(labels))
            kernel = self._kernel({n: f[rows] for n, f in features.items()}, self.vectors[rows], upto)
            np.add(kernel, np.float32(1.0), out=gram[rows, :upto])  # 1: the intercept

        with ThreadPool(cores()) as pool:  # sparse products use one core each, and let others run
            pool.map(fill, reversed(range(0, len(labels), BLOCK)), chunksize=1)
        gram[np.diag_indices_from(gram)] += np.float32(self.ridge)
        target = -np.ones((len(labels), len(self.classes)), dtype=np.float32)
        target[np.arange(len(labels)), truth] = 1.0
        factor = cho_factor(gram.T, overwrite_a=True, check_finite=False)  # .T: in LAPACK's order, no copy
        self.dual = cho_solve(factor, target, check_finite=False)

        count = len(held)
        left_out = target[-count:] - self.dual[-count:] / _diagonal_of_inverse(factor[0], count)[:, None]
        self.temperature = _temperature(left_out, truth[-count:]) * self.assurance
        self.usual = np.sort(self._energy(left_out * self.temperature))
        return self

    def predict(self, readings: List[Text], vectors: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(probabilities (n, classes), out of domain (n,) between 0 and 1, similarities (n, examples), 0 to 1)."""
        bare = [plain(text) for text in readings]
        features = {name: tfidf.transform(bare) for name, tfidf in self.tfidf.items()}
        kernel = self._kernel(features, self._seen(vectors), len(self.labels))
        scores = ((kernel + np.float32(1.0)) @ self.dual * self.temperature).astype(np.float64)
        probabilities = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
        return probabilities, self._out_of_domain(scores, probabilities), kernel

    def _seen(self, vectors: np.ndarray) -> np.ndarray:
        """The vectors along the main axes of the examples, (n, AXES); of few examples, as they are."""
        return (vectors if self.axes is None else vectors @ self.axes).astype(np.float32)

    def _out_of_domain(self, scores: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """How likely the message is none of our business: what the examples of others' business say. Without such
        examples, how unusually little the intents claim it: the share of left-out examples claimed even less, undone.
        """
        if self.outside in self.classes:
            others = [n for n, name in enumerate(self.classes) if name in (self.outside, self.advised)]
            return probabilities[:, others].sum(axis=1)
        return 1.0 - np.searchsorted(self.usual, self._energy(scores)) / len(self.usual)

    def advice(self, probabilities: np.ndarray) -> float:
        """How likely one message (n classes) asks for medical advice."""
        return float(probabilities[self.classes.index(self.advised)]) if self.advised in self.classes else 0.0

    def told(self, probabilities: np.ndarray) -> np.ndarray:
        """The probabilities as the decision knows them: a request for medical advice is a message not for us."""
        if self.advised not in self.classes or self.outside not in self.classes:
            return probabilities
        merged = probabilities.copy()
        merged[self.classes.index(self.outside)] += merged[self.classes.index(self.advised)]
        merged[self.classes.index(self.advised)] = 0.0
        return merged

    def _energy(self, scores: np.ndarray) -> np.ndarray:
        """How strongly the intents together claim a message (Liu et al. 2020, «Energy-based OOD detection»)."""
        return logsumexp(scores, axis=1)

    def _kernel(self, features: Dict[Text, csr_matrix], vectors: np.ndarray, upto: int) -> np.ndarray:
        """Closeness, 0 to 1, of the rows given with the first `upto` examples: (rows, upto)."""
        kernel = vectors @ self.vectors[:upto].T
        kernel -= np.float32(1.0)
        kernel *= np.float32(self.sharpness)
        np.exp(kernel, out=kernel)
        kernel *= np.float32(self.weights["sentence"])
        for name, rows in features.items():
            known = self.known[name] if upto == len(self.labels) else self.known[name][:, :upto]
            shared = (rows @ known).toarray()
            shared *= np.float32(self.weights[name])
            kernel += shared
        kernel /= np.float32(sum(self.weights.values()))
        return kernel

    def __getstate__(self) -> Dict[Text, Any]:
        """Vectors are kept in half precision: half the archive, and no decision changes."""
        return {**self.__dict__, "vectors": self.vectors.astype(np.float16)}

    def __setstate__(self, state: Dict[Text, Any]) -> None:
        self.__dict__.update(state)
        self.vectors = self.vectors.astype(np.float32)


def _main_axes(vectors: np.ndarray) -> np.ndarray:
    """(d, AXES): the orthonormal directions in which the vectors are longest."""
    size = vectors.shape[1]
    return eigh(vectors.T @ vectors, subset_by_index=[max(0, size - AXES), size - 1], check_finite=False)[1]


def _diagonal_of_inverse(upper: np.ndarray, count: int) -> np.ndarray:
    """The last `count` entries of the diagonal of (U' U)^-1: those of the last corner of U alone."""
    solved = solve_triangular(upper[-count:, -count:], np.eye(count, dtype=upper.dtype), check_finite=False)
    return np.einsum("ij,ij->i", solved, solved)


def _temperature(left_out: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the left-out scores most likely; found by a bounded search, in log scale."""

    def surprise(log_temperature: float) -> float:
        scores = left_out * np.exp(log_temperature)
        return float(np.mean(logsumexp(scores, axis=1) - scores[np.arange(len(truth)), truth]))

    return float(np.exp(minimize_scalar(surprise, bounds=(-1.0, 4.0), method="bounded").x))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ThemeClassifier(Component, IntentClassifier):
    """Sets intent, ranking, out_of_domain, nearest examples and, where a message may be cut, the theme of each half."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [SentenceVectors]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "sentence": 5.0,  # weight of what the message means
            "sharpness": 2.0,  # how fast closeness falls with the angle between sentence vectors
            "characters": 0.7,  # weight of how it is spelt
            "words": 1.0,
            "ridge": 0.1,
            "assurance": 1.2,  # how much surer than the left-out examples say (they resemble real messages little)
            "outside": "hors_sujet",  # the intent of messages that are not for us, if there is one
            "advice": "avis_medical",  # among those, requests for medical advice: learned apart, told as `outside`
            "not_classified": [],  # intents whose examples exist for Rasa's validator only
        }

    model: Optional[ThemeModel] = None

    def restore(self, folder: Path) -> None:
        self.model, self._texts = archive.read(folder / "themes.pickle.gz")

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            message
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT) not in self._config["not_classified"]
        ]
        self.model = ThemeModel(self._config).fit(
            [message.get(READING) for message in examples],
            np.vstack([_vector(message) for message in examples]),
            [message.get(INTENT) for message in examples],
        )
        self._texts = [examples[n].get(TEXT) for n in self.model.order]
        with self._storage.write_to(self._resource) as folder:
            archive.write(folder / "themes.pickle.gz", (self.model, self._texts))
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(READING) is not None:
                self._understand(message)
        return messages

    def _understand(self, message: Message) -> None:
        vectors = np.vstack([_vector(message), message.get(HALF_VECTORS)])
        probabilities, outside, kernel = self.model.predict([message.get(READING), *message.get(HALVES)], vectors)
        advice = self.model.advice(probabilities[0])
        ranking = self._ranking(self.model.told(probabilities[0]))
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking[:RANKING_LENGTH], add_to_output=True)
        message.set("out_of_domain", round(float(outside[0]), 4), add_to_output=True)
        message.set("advice", round(advice, 4), add_to_output=True)
        message.set("nearest", self._nearest(kernel[0]), add_to_output=True)
        first = [self._ranking(self.model.told(row))[0] for row in probabilities[1:]]
        message.set("halves", list(zip(first[::2], first[1::2], strict=True)))

    def _ranking(self, probabilities: np.ndarray) -> List[Dict[Text, Any]]:
        order = np.argsort(-probabilities, kind="stable")[:RANKING_LENGTH]
        return [{"name": self.model.classes[n], "confidence": round(float(probabilities[n]), 4)} for n in order]

    def _nearest(self, similarities: np.ndarray) -> List[Dict[Text, Any]]:
        count = min(NEAREST, len(similarities))
        best = np.argpartition(-similarities, count - 1)[:count]
        return [
            {
                "text": self._texts[n],
                "intent": self.model.labels[n],
                "similarity": round(float(similarities[n]), 3),
            }
            for n in best[np.argsort(-similarities[best], kind="stable")]
        ]


def _vector(message: Message) -> np.ndarray:
    """The sentence vector that SentenceVectors put in the message, shape (d,)."""
    _, sentence = message.get_dense_features(TEXT, [])
    return np.asarray(sentence.features).reshape(-1)
