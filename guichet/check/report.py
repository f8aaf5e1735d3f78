"""Findings on a terminal: by file, then in numbers; and the counts by theme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from guichet.check.files import read_corpus
from guichet.check.finding import ERROR, LEVELS, WARNING, Finding
from guichet.check.prose import plain, word_count

__all__ = ["counts", "print_findings", "stamp"]

COLOURS = {ERROR: "bold red", WARNING: "yellow"}


def print_findings(out: Console, findings: Iterable[Finding]) -> None:
    """Grouped by file, errors and warnings in the order of the lines, then the totals by kind."""
    findings = list(findings)
    for path, group in groupby(findings, key=lambda finding: finding.path):
        out.print(f"\n[bold]{escape(path.as_posix())}[/]")
        for finding in group:
            out.print(_lines(finding), soft_wrap=True)
    out.print()
    for level in (ERROR, WARNING):
        kinds = Counter(finding.rule for finding in findings if finding.level == level)
        if kinds:
            detail = ", ".join(f"{rule} {number}" for rule, number in kinds.most_common())
            out.print(f"[{COLOURS[level]}]{kinds.total()} {LEVELS[level]}(s)[/] : {detail}")
    if not findings:
        out.print("[bold green]Rien à signaler.[/]")


def counts(data: Path, findings: Iterable[Finding]) -> Table:
    """One row a theme: examples, words of the answer, precisions, errors, warnings."""
    corpus = read_corpus(data)
    levels = Counter((finding.path, finding.level) for finding in findings)
    table = Table(title="Le contenu, thème par thème")
    for name in ("famille", "thème"):
        table.add_column(name, overflow="fold")
    for name in ("exemples", "mots", "précisions", "erreurs", "avert."):
        table.add_column(name, justify="right", no_wrap=True)
    drafts = sorted(corpus.drafts, key=lambda draft: (draft.famille, draft.id))
    for draft in drafts:
        answer = plain(draft.answer.raw, corpus.known("montants")) if draft.answer else ""
        table.add_row(
            draft.famille,
            draft.id,
            str(len(draft.examples)),
            str(word_count(answer)),
            str(sum(1 for text in draft.texts if text.precision)),
            *(str(levels[draft.shown, level] or "") for level in (ERROR, WARNING)),
        )
    examples = sum(len(draft.examples) for draft in drafts)
    absent = len(set(corpus.catalogue.entries) - set(corpus.themes))
    table.caption = f"{len(drafts)} thèmes, {absent} sans fichier, {examples} exemples"
    return table


def stamp(data: Path) -> dict[Path, tuple[int, int]]:
    """What changes when an author saves a file: its time (ns) and size."""
    found = {}
    for path in sorted(data.rglob("*.yml")):
        with suppress(FileNotFoundError):  # an editor replaces files
            stat = path.stat()
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def _lines(finding: Finding) -> Text:
    head = Text(f"  {finding.line:>4} ", style="dim")
    head.append(f"{LEVELS[finding.level]} ", style=COLOURS[finding.level])
    head.append(f"{finding.what} ")
    head.append(f"({finding.rule})\n", style="dim")
    head.append(f"       {finding.consequence[0].upper()}{finding.consequence[1:]} ", style="dim")
    head.append(f"→ {finding.remedy[0].upper()}{finding.remedy[1:]}")
    return head
