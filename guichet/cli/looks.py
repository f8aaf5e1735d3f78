"""How `guichet try`, `talk`, `diff`, `evaluate` and `robustness` look on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from guichet.content import Content
from guichet.evaluate.report import MET, MISSED, Cell, Report
from guichet.questions import PROOF, TUNING, Question
from guichet.understanding import Change

__all__ = ["show_changes", "show_report", "show_said", "show_trial"]

BEST = 3
STYLES = {MET: "bold green", MISSED: "bold red"}  # of a cell that says it


def show_trial(
    out: Console, content: Content, understood: dict[str, Any], why: str, messages: list[dict[str, Any]]
) -> None:
    """What the model understood, why, and the messages the person would see."""
    out.print(f"\n[bold]« {escape(understood['text'])} »[/]")
    out.print(f"Décision : {escape(why)}")
    if understood.get("reading"):
        found = [f"{row['entity']} : {row['value']}" for row in understood.get("entities") or ()]
        out.print(
            f"[dim]lu : « {escape(understood['reading'])} »{escape(' — ' + ', '.join(found) if found else '')}[/]"
        )
    table = Table(box=None, pad_edge=False)
    for name in ("les trois premiers thèmes", "titre", "confiance"):
        table.add_column(name, header_style="dim")
    for row in understood["ranking"][:BEST]:
        known = content.themes.get(row["name"])
        table.add_row(row["name"], known.titre if known else "(ce n'est pas un thème)", _percent(row["confidence"]))
    out.print(table)
    out.print("[dim]les exemples les plus proches[/]")
    for near in understood["nearest"]:
        out.print(f"  « {escape(near['text'])} » — {near['intent']}, ressemblance {_percent(near['similarity'])}")
    for message in messages:
        out.print(Panel(_body(message), title=f"ce que la personne voit ({message['kind']})", title_align="left"))


def show_said(out: Console, messages: Sequence[dict[str, Any]]) -> None:
    """The bot's messages of a turn; its buttons are numbered over the whole turn, as `Talk.choices` lists them."""
    number = 0
    for message in messages:
        out.print(Panel(_body(message, number), title=message["kind"], title_align="left"))
        number += len(message["choices"])


def show_changes(out: Console, questions: Sequence[Question], found: Sequence[Change]) -> None:
    """The questions of `reglage` that changed, one by one; of `preuve`, numbers only, so that nobody tunes on them."""
    shown = [change for change in found if change.question.part != PROOF]
    table = Table(title="Questions de réglage qui changent de thème")
    for name in ("", "question", "attendu", "avant", "maintenant"):
        table.add_column(name, overflow="fold")
    for change in sorted(shown, key=lambda change: (change.verdict != "perdue", change.verdict)):
        colour = {"perdue": "red", "gagnée": "green"}.get(change.verdict, "yellow")
        right = " ou ".join(sorted(change.question.right))
        verdict = f"[{colour}]{change.verdict}[/]"
        table.add_row(verdict, escape(change.question.text), right, change.before, change.after)
    if shown:
        out.print(table)
    for part in (TUNING, PROOF):
        total = sum(1 for question in questions if question.part == part)
        verdicts = Counter(change.verdict for change in found if change.question.part == part)
        told = ", ".join(f"{number} {verdict}(s)" for verdict, number in sorted(verdicts.items())) or "aucun changement"
        out.print(f"{part} : {total} questions, {told}")


def show_report(out: Console, report: Report) -> None:
    """Every section with its tables; curves are for the page, which holds the same numbers."""
    out.print(f"\n[bold]{escape(report.title)}[/]\n{escape(report.note)}")
    for section in report.sections:
        out.print(f"\n[bold]{escape(section.title)}[/]\n[dim]{escape(section.note)}[/]")
        for told in section.tables:
            table = Table(title=told.title, title_justify="left")
            for n, column in enumerate(told.columns):
                table.add_column(column, justify="left" if n < told.words else "right", overflow="fold")
            for row in told.rows:
                table.add_row(*map(_cell, row))
            out.print(table if told.rows else f"{told.title} : rien à montrer.")


def _cell(cell: Cell) -> Text:
    return Text(cell, style=STYLES.get(cell, "")) if isinstance(cell, str) else Text("\n".join(cell))


def _body(message: dict[str, Any], numbered_after: int | None = None) -> Group:
    parts: list[Any] = [Markdown(message["text"], hyperlinks=False)]
    for link in message["links"]:
        login = " (connexion au compte)" if link["login"] else ""
        parts.append(Text(f"→ {link['label']}{login} : {link['url']}", style="blue"))
    source = message.get("source")
    if source:
        date = f"vérifié le {source['checked_on']}" if source["checked_on"] else "à vérifier sur ameli.fr"
        parts.append(Text(f"Source : {source['url']} ({date})", style="dim"))
    if message["choices"]:
        labels = [choice["label"] for choice in message["choices"]]
        if numbered_after is not None:
            labels = [f"{n} {label}" for n, label in enumerate(labels, start=numbered_after + 1)]
        parts.append(Text("  ".join(f"[ {label} ]" for label in labels)))
    return Group(*parts)


def _percent(number: float) -> str:
    return f"{100 * number:.0f} %"
