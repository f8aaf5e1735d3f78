"""Examples nearer to another theme than to their own: JSON in, JSON out, for `guichet check`.

    python -m brain.strays CACHE.npz  < {theme: [example, ...]}  > [{theme, text, nearer, nearest}, ...]

An example strays when its vector is nearer to the centre of another theme than to the centre of its own theme's other
examples, by MARGIN, and its nearest examples all belong to that other theme. The centre alone blames one example in
four, for a theme is rarely one cloud; with its neighbours it blames those that an author would question.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Dict, List

import numpy as np

from brain import encoder

__all__ = ["strays", "vectors"]

MARGIN = 0.12  # difference of cosines
NEIGHBOURS = 3


def strays(by_theme: Dict[str, List[str]], found: np.ndarray) -> List[Dict[str, str]]:
    """`found`: unit vectors (n, d) of the examples, theme by theme."""
    themes = list(by_theme)
    texts = [text for theme in themes for text in by_theme[theme]]
    of = np.repeat(np.arange(len(themes)), [len(by_theme[theme]) for theme in themes])
    totals = np.stack([found[of == n].sum(axis=0) for n in range(len(themes))])
    to_centres = found @ encoder.unit(totals).T
    to_own = (found * encoder.unit(totals[of] - found)).sum(axis=1)
    to_centres[np.arange(len(texts)), of] = -1.0
    other = to_centres.argmax(axis=1)
    near = found @ found.T
    np.fill_diagonal(near, -1.0)
    neighbours = np.argsort(-near, axis=1, kind="stable")[:, :NEIGHBOURS]
    blamed = (to_centres.max(axis=1) - to_own > MARGIN) & (of[neighbours] == other[:, None]).all(axis=1)
    return [
        {"theme": themes[of[n]], "text": texts[n], "nearer": themes[other[n]], "nearest": texts[neighbours[n, 0]]}
        for n in np.flatnonzero(blamed)
    ]


def vectors(texts: List[str], cache: Path) -> np.ndarray:
    """(n, MEANING) unit vectors of the texts; those already in the cache are not computed again, the others are added.

    Without the encoder's sum: it draws together whatever shares words, and forty good examples would be blamed for one.
    """
    made_by = encoder.version()
    keys = [hashlib.sha256(f"{made_by} {text}".encode()).hexdigest() for text in texts]
    known: Dict[str, np.ndarray] = {}
    if cache.exists():
        with np.load(cache) as kept:
            known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    missing = [n for n, key in enumerate(keys) if key not in known]
    if missing:
        found = encoder.unit(encoder.encode([texts[n] for n in missing])[:, : encoder.MEANING])
        known.update(zip([keys[n] for n in missing], found, strict=True))
        wanted = sorted(set(keys))
        np.savez(cache, keys=np.array(wanted), vectors=np.stack([known[key] for key in wanted]))
    return np.stack([known[key] for key in keys])


def main() -> None:
    by_theme = {theme: texts for theme, texts in json.load(sys.stdin).items() if texts}
    found = vectors([text for texts in by_theme.values() for text in texts], Path(sys.argv[1]))
    json.dump(strays(by_theme, found), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
