"""Learns what a crisis message looks like, from the authors' examples: a few seconds, at `guichet train`."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from guichet.content.themes import read_theme, read_yaml
from guichet.safety.likeness import BUCKETS, Likeness, features, weighed, windows
from guichet.safety.patterns import PatternError

__all__ = ["CALM", "examples_file", "learn", "learning_examples"]

CALM = ""
CALM_SECTION = "calmes"
FAMILY = "urgences"
STRENGTH = 10.0  # inverse of the regularisation; chosen on the part « reglage » of tests/guichet/securite.yml
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
    counted = [features(part) for _, part in shown]
    idf = _idf(counted)
    matrix = _matrix(counted, idf)
    themes = [theme for theme, _ in shown]
    model = LogisticRegression(C=STRENGTH, class_weight=_weights(themes), max_iter=2000, tol=1e-4)
    model.fit(matrix, themes)
    return Likeness(
        idf,
        {str(theme): array("f", row) for theme, row in zip(model.classes_, model.coef_, strict=True)},
        {str(theme): float(bias) for theme, bias in zip(model.classes_, model.intercept_, strict=True)},
    )


def _idf(counted: Sequence[tuple[Counter[int], ...]]) -> array[float]:
    """One number a bucket: how rare it is. Unseen buckets weigh nothing, like words outside a vocabulary."""
    seen: Counter[int] = Counter()
    for families in counted:
        for counts in families:
            seen.update(counts.keys())
    return array("f", (math.log((1 + len(counted)) / (1 + seen[b])) + 1 if seen[b] else 0.0 for b in range(BUCKETS)))


def _matrix(counted: Sequence[tuple[Counter[int], ...]], idf: array[float]) -> csr_matrix:
    rows, columns, values = array("l"), array("l"), array("d")
    for row, families in enumerate(counted):
        for counts in families:
            for bucket, value in weighed(counts, idf):
                rows.append(row)
                columns.append(bucket)
                values.append(value)
    return csr_matrix((np.array(values), (np.array(rows), np.array(columns))), shape=(len(counted), BUCKETS))


def _weights(themes: Sequence[str]) -> dict[str, float]:
    return {theme: 1.0 if theme == CALM else ALARM_WEIGHT for theme in themes}
