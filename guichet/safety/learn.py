"""Learns what a crisis message looks like, from the authors' examples: a few seconds, at `guichet train`."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from guichet.content.themes import read_theme, read_yaml
from guichet.safety.likeness import BUCKETS, Likeness, in_word, sequences, windows
from guichet.safety.patterns import PatternError

__all__ = ["CALM", "examples_file", "learn", "learning_examples"]

CALM = ""
CALM_SECTION = "calmes"
FAMILY = "urgences"
# Chosen on tests/guichet/securite.yml (ADR 8).
STRENGTH = 10.0  # of the logistic model: inverse of its regularisation
RIDGE = 0.3  # of the least squares: its regularisation
SHARE, SCALE = 4.0, 0.7  # of the least squares in the sum; of the sum, so that its probabilities stay spread
ALARM_WEIGHT = 3.0  # a missed crisis costs more than a false alarm


def examples_file(data: Path) -> Path:
    return data / "urgences_exemples.yml"


def learning_examples(data: Path) -> Iterator[tuple[str, str]]:
    """(theme, message) of the authors' crisis and calm examples, then of all that is written for the brain to learn:
    all calm but the urgences.

    Raises PatternError when the file of examples cannot be read, ContentError for a theme file.
    """
    path = examples_file(data)
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for section, groups in document.items():
            theme = CALM if section == CALM_SECTION else section
            yield from ((theme, str(text)) for texts in groups.values() for text in texts)
    except (OSError, YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise PatternError(
            f"{path} — fichier illisible ({error}). Corrigez-le, ou rétablissez-le depuis git."
        ) from None
    for theme_path in sorted((data / "themes").glob("*/*.yml")):
        theme = read_theme(theme_path)
        yield from ((theme.id if theme.famille == FAMILY else CALM, text) for text in theme.examples)
    for dialogue_path in sorted((data / "dialogue").glob("*.yml")):
        for intent in (read_yaml(dialogue_path) or {}).get("nlu") or ():
            yield from ((CALM, line.removeprefix("- ")) for line in str(intent["examples"]).splitlines() if line)


def learn(examples: Iterable[tuple[str, str]], words: Callable[[str], list[str]]) -> Likeness:
    """`examples`: (theme, message), the theme empty for a message that is no crisis. `words` cuts a message.

    Same examples, same numbers.
    """
    read = [(theme, words(text)) for theme, text in examples]
    # Of a long message the most alarming window counts: of a calm one, each must be known as calm.
    shown = [(theme, part) for theme, said in read for part in (windows(said) if theme == CALM else [said])]
    letters = cache(in_word)  # the same words come back: here only, for no word of a person is to be remembered
    by_family = (
        _counts([sequences(part) for _, part in shown]),
        _counts([Counter(bucket for word in part for bucket in letters(word)) for _, part in shown]),
    )
    idf = _idf(by_family)
    themes = [theme for theme, _ in shown]
    matrix = sum(_weighed(counts, idf) for counts in by_family)
    likely = LogisticRegression(C=STRENGTH, class_weight=_weights(themes), max_iter=2000, tol=1e-4)
    near = Ridge(alpha=RIDGE, solver="sparse_cg", tol=1e-4, max_iter=500)
    with threadpool_limits(1):  # two threads take longer than one, and the brain trains beside
        likely.fit(matrix, themes)
        near.fit(matrix, np.equal.outer(themes, likely.classes_) * 2.0 - 1.0)
    # Two linear models that err on different messages: their sum is one, and hears more than either.
    weights = (likely.coef_ + SHARE * near.coef_) * SCALE
    bias = (likely.intercept_ + SHARE * near.intercept_) * SCALE
    return Likeness(
        array("f", idf),
        {str(theme): array("f", row) for theme, row in zip(likely.classes_, weights, strict=True)},
        {str(theme): float(one) for theme, one in zip(likely.classes_, bias, strict=True)},
    )


def _counts(counted: Sequence[Counter[int]]) -> csr_matrix:
    """(messages, BUCKETS): how often each bucket is in each message."""
    ends = np.cumsum([0, *map(len, counted)])
    buckets = np.fromiter((bucket for counts in counted for bucket in counts), np.int32, ends[-1])
    often = np.fromiter((often for counts in counted for often in counts.values()), np.float64, ends[-1])
    return csr_matrix((often, buckets, ends), shape=(len(counted), BUCKETS))


def _idf(by_family: Sequence[csr_matrix]) -> np.ndarray:
    """One number a bucket: how rare it is. Unseen buckets weigh nothing, like words outside a vocabulary."""
    seen = sum(np.bincount(counts.indices, minlength=BUCKETS) for counts in by_family)
    return np.where(seen, np.log((1 + by_family[0].shape[0]) / (1 + seen)) + 1, 0.0).astype(np.float32)


def _weighed(counts: csr_matrix, idf: np.ndarray) -> csr_matrix:
    """What `likeness.weighed` does to one message, for all."""
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    return normalize(csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape))


def _weights(themes: Sequence[str]) -> dict[str, float]:
    return {theme: 1.0 if theme == CALM else ALARM_WEIGHT for theme in themes}
