"""Examples that stand closer to another theme's examples than to their own, by sentence vectors.

The vectors are computed by brain/strays.py, in the brain's interpreter, and kept in var/check/: the next run computes
only what changed, and nothing at all when no example did.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from guichet.check.files import Corpus
from guichet.check.finding import Finding
from guichet.model import run_in_brain
from guichet.settings import ROOT

__all__ = ["FindStrays", "VectorsFailed", "find_strays", "findings"]

type FindStrays = Callable[[Mapping[str, Sequence[str]]], list[dict[str, Any]]]

SCRIPTS = [ROOT / "brain" / name for name in ("strays.py", "encoder.py")]  # what they find changes with them
TIME_LIMIT = 300  # seconds
SCATTERED = {"hors_sujet"}  # made of questions that have nothing in common


class VectorsFailed(RuntimeError):
    """The brain's interpreter could not compute the vectors; the text says what to do (in French)."""


def findings(corpus: Corpus, find: FindStrays) -> Iterator[Finding]:
    """One warning an example that its own theme attracts less than another.

    An author who has read such an example again and keeps it says so in its theme's metadata, under `relus:`.
    """
    examples = [example for draft in corpus.drafts for example in draft.examples]
    by_theme: dict[str, list[str]] = {}
    for example in examples:
        by_theme.setdefault(example.intent, []).append(example.text)
    places = {(example.intent, example.text): example for example in examples}
    for stray in find(by_theme):
        example = places[stray["theme"], stray["text"]]
        kept = example.text in corpus.themes[example.intent].names("relus")
        if kept or example.intent in SCATTERED:
            continue
        yield example.file.warning(
            example.line,
            "exemple-egare",
            f"« {stray['text'][:60]} » ressemble plus aux exemples de « {stray['nearer']} » ; le plus proche : "
            f"« {stray['nearest'][:60]} ».",
            "les questions de ce genre risquent de partir dans l'autre thème.",
            "s'il est à sa place, écrivez-en d'autres du même genre, ou citez-le sous « relus: » ; sinon, déplacez-le.",
        )


def find_strays(cache: Path) -> FindStrays:
    """The search that asks the brain's interpreter; `cache` is a folder, made when missing."""

    def find(by_theme: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
        asked = json.dumps(by_theme, ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in SCRIPTS) + asked.encode()).hexdigest()
        kept = cache / "egares.json"
        try:
            before = json.loads(kept.read_text(encoding="utf-8"))
            if before["digest"] == digest:
                return before["strays"]
        except (OSError, ValueError, KeyError):
            pass  # no cache, or an old one: compute
        cache.mkdir(parents=True, exist_ok=True)
        strays = _ask(asked, cache / "vecteurs.npz")
        kept.write_text(json.dumps({"digest": digest, "strays": strays}, ensure_ascii=False), encoding="utf-8")
        return strays

    return find


def _ask(asked: str, vectors: Path) -> list[dict[str, Any]]:
    try:
        return json.loads(run_in_brain("brain.strays", vectors, asked, TIME_LIMIT))
    except FileNotFoundError:
        raise VectorsFailed("L'environnement du cerveau manque. Lancez « make setup ».") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["?"])[-1]
        raise VectorsFailed(f"Les vecteurs de phrases n'ont pas pu être calculés : {last}") from None
    except (subprocess.TimeoutExpired, ValueError):
        raise VectorsFailed("Le calcul des vecteurs n'a pas abouti. Relancez ; sinon, « make setup ».") from None
