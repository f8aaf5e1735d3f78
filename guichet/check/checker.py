"""All the checks, in one call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from guichet.check import examples, links, personal, strays, structure, texts, typography
from guichet.check.files import Corpus, read_corpus
from guichet.check.finding import ERROR, Finding
from guichet.content import ContentError, load_content

__all__ = ["check"]


def check(
    data: Path,
    today: date,
    *,
    find_strays: strays.FindStrays | None = None,
    unsaved: Mapping[Path, str] | None = None,
) -> list[Finding]:
    """Every defect of the content in `data`, by file and line.

    `find_strays` says which examples stray (see `strays`); without it that check, the only slow one, is left out.
    `unsaved` gives the text of files being edited, by their path under `data`, instead of what is on the disk.
    Raises VectorsFailed when `find_strays` cannot answer.
    """
    corpus = read_corpus(data, unsaved)
    found = set(_findings(corpus, today))
    if find_strays:
        found.update(strays.findings(corpus, find_strays))
    if not unsaved and not any(finding.level == ERROR for finding in found):
        found.update(_unusable(data))
    return sorted(found)


def _findings(corpus: Corpus, today: date) -> Iterator[Finding]:
    for module in (structure, links, texts, typography, examples):
        yield from module.findings(corpus)
    yield from personal.findings(corpus.examples)
    for draft in corpus.drafts:
        yield from structure.draft_findings(draft, corpus, today)
        yield from links.draft_findings(draft, corpus)
        yield from texts.draft_findings(draft, corpus)
        yield from typography.draft_findings(draft)
        yield from examples.draft_findings(draft, corpus)


def _unusable(data: Path) -> Iterator[Finding]:
    """What the service itself refuses at start, should no check have seen it."""
    try:
        load_content(data)
    except ContentError as error:
        match = re.match(r"(.*?):(\d+) — (.*)", str(error), re.DOTALL)
        path, line, what = match.groups() if match else (data, 1, str(error))
        path = Path(path)
        shown = Path(data.name) / path.relative_to(data) if path.is_relative_to(data) else path
        yield Finding(
            shown, int(line), ERROR, "inutilisable", what, "le service ne démarre pas.", "voyez ce que dit le message."
        )
    except (KeyError, TypeError, AttributeError) as error:
        yield Finding(
            Path(data.name),
            1,
            ERROR,
            "inutilisable",
            f"une entrée n'a pas la forme attendue ({error!r}).",
            "le service ne démarre pas.",
            "comparez les dernières entrées modifiées avec leurs voisines.",
        )
