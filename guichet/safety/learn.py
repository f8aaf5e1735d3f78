"""Learns what a crisis message looks like, from the authors' examples: some twenty seconds, at `guichet train`."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from guichet.content.themes import read_theme, read_yaml
from guichet.safety.likeness import WORDS, Likeness, in_word, sequence, windows
from guichet.safety.patterns import PatternError

__all__ = ["CALM", "examples_folder", "learn", "learning_examples"]

CALM = ""
CALM_FOLDER = "calmes"
FAMILY = "urgences"
SEEN = 2  # messages that hold a piece before it is learned: what one alone holds teaches nothing of the next
# Chosen on tests/guichet/safety/seuils.yml (ADR 8).
STRENGTH = 1.0  # of the widest margin: inverse of its regularisation
RIDGE = 0.3  # of the least squares: its regularisation
SHARE, SCALE = 0.7, 3.0  # of the least squares in the sum; of the sum, so that its probabilities stay spread
ALARM_WEIGHT = 3.0  # a missed crisis costs more than a false alarm


def examples_folder(data: Path) -> Path:
    return data / "urgences_exemples"


def learning_examples(data: Path) -> Iterator[tuple[str, str]]:
    """(theme, message) of the authors' crisis and calm examples, then of all that is written for the brain to learn:
    all calm but the urgences.

    Raises PatternError when a file of examples is missing, misnamed or cannot be read, ContentError for a theme file.
    """
    for theme, path in _example_files(data):
        try:
            groups = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
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


def _example_files(data: Path) -> Iterator[tuple[str, Path]]:
    """(theme, file): one file for each theme of the family « urgences », any number of calm ones."""
    folder = examples_folder(data)
    themes = {path.stem for path in (data / "themes" / FAMILY).glob("*.yml")}
    crises, calm = sorted(folder.glob("*.yml")), sorted((folder / CALM_FOLDER).glob("*.yml"))
    missing = sorted(themes - {path.stem for path in crises}) + ([] if calm else [f"{CALM_FOLDER}/"])
    if missing:
        raise PatternError(f"{folder} — il manque {', '.join(missing)}. Rétablissez-les depuis git.")
    for path in crises:
        if path.stem not in themes:
            raise PatternError(f"{path} — ce nom n'est pas un thème de data/themes/{FAMILY}. Renommez le fichier.")
        yield path.stem, path
    for path in calm:
        yield CALM, path


def learn(examples: Iterable[tuple[str, str]], words: Callable[[str], list[str]]) -> Likeness:
    """`examples`: (theme, message), the theme empty for a message that is no crisis. `words` cuts a message.

    Same examples, same numbers.
    """
    read = [(theme, words(text)) for theme, text in examples]
    # Of a long message the most alarming window counts: of a calm one, each must be known as calm.
    shown = [(theme, part) for theme, said in read for part in (windows(said) if theme == CALM else [said])]
    by_family = _count([part for _, part in shown])
    pieces, seen = np.unique(np.concatenate([_once_a_message(counts) for counts in by_family]), return_counts=True)
    pieces, seen = pieces[seen >= SEEN], seen[seen >= SEEN]
    idf = np.log((1 + len(shown)) / (1 + seen)) + 1
    themes = [theme for theme, _ in shown]
    matrix = sum(_weighed(counts, pieces, idf) for counts in by_family).astype(np.float32)  # single: twice as quick
    margin = LinearSVC(C=STRENGTH, class_weight=_weights(themes), max_iter=3000, tol=1e-2, random_state=0)
    near = Ridge(alpha=RIDGE, solver="lsqr", tol=1e-3, max_iter=500)
    with threadpool_limits(1):  # two threads take longer than one, and the brain trains beside
        margin.fit(matrix, themes)
        near.fit(matrix, np.equal.outer(themes, margin.classes_).astype(np.float32) * 2 - 1)
    # Two linear models that err on different messages: their sum is one, and hears more than either.
    weights = (margin.coef_ + SHARE * near.coef_) * SCALE
    bias = (margin.intercept_ + SHARE * near.intercept_) * SCALE
    return Likeness(
        array("I", pieces.tolist()),
        array("f", idf),
        {str(theme): array("f", row) for theme, row in zip(margin.classes_, weights, strict=True)},
        {str(theme): float(one) for theme, one in zip(margin.classes_, bias, strict=True)},
    )


class Counts(NamedTuple):
    """How often each piece stands in each message. `pieces`: ascending, one a column; `often`: (messages, pieces)."""

    pieces: np.ndarray
    often: csr_matrix


def _count(messages: Sequence[Sequence[str]]) -> tuple[Counts, Counts]:
    """What `sequences` and `in_word` find in each message, for all at once: a word or a sequence is cut only once."""
    place: dict[str, int] = {}
    tokens = np.fromiter((place.setdefault(word, len(place)) for said in messages for word in said), np.int64)
    home = np.repeat(np.arange(len(messages)), [len(said) for said in messages])  # the message of each token
    vocabulary = list(place)
    cut = [in_word(word) for word in vocabulary]
    letters = _bag(np.repeat(np.arange(len(cut)), [len(one) for one in cut]), np.concatenate(cut), len(cut))
    bags = _bag(home, tokens, len(messages)).often

    rows, pieces = [], []
    for size in WORDS:
        run = np.lib.stride_tricks.sliding_window_view(tokens, size)
        whole = home[: len(run)] == home[size - 1 :]  # a run does not go from one message to the next
        run = run[whole]
        keys = run @ (len(vocabulary) ** np.arange(size))
        _, first, same = np.unique(keys, return_index=True, return_inverse=True)
        numbers = [sequence([vocabulary[place] for place in run[one]]) for one in first]
        rows.append(home[: len(whole)][whole])
        pieces.append(np.array(numbers, np.uint32)[same])
    return _bag(np.concatenate(rows), np.concatenate(pieces), len(messages)), Counts(
        letters.pieces, bags @ letters.often
    )


def _bag(rows: np.ndarray, pieces: np.ndarray, count: int) -> Counts:
    pieces, columns = np.unique(pieces, return_inverse=True)
    often = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, len(pieces)))
    return Counts(pieces, often)


def _once_a_message(counts: Counts) -> np.ndarray:
    """Each piece as many times as messages hold it."""
    return counts.pieces[counts.often.indices]


def _weighed(counts: Counts, pieces: np.ndarray, idf: np.ndarray) -> csr_matrix:
    """(messages, pieces): what `Likeness.vector` does to one message, for all."""
    kept = np.isin(counts.pieces, pieces)
    often, places = counts.often[:, kept], np.searchsorted(pieces, counts.pieces[kept])
    columns = places[often.indices]
    values = (1 + np.log(often.data)) * idf[columns]
    return normalize(csr_matrix((values, columns, often.indptr), shape=(often.shape[0], len(pieces))))


def _weights(themes: Sequence[str]) -> dict[str, float]:
    return {theme: 1.0 if theme == CALM else ALARM_WEIGHT for theme in themes}
