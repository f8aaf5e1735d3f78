"""How `guichet try`, `guichet diff` and `guichet evaluate` look on a terminal."""

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
from guichet.evaluation import Evaluation, Rate
from guichet.understanding import Change, Question

__all__ = ["show_changes", "show_evaluation", "show_trial"]

BEST = 3


def show_trial(
    out: Console, content: Content, understood: dict[str, Any], why: str, messages: list[dict[str, Any]]
) -> None:
    """What the model understood, why, and the messages the person would see."""
    out.print(f"\n[bold]« {escape(understood['text'])} »[/]")
    out.print(f"Décision : {escape(why)}")
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


def show_changes(out: Console, questions: Sequence[Question], found: Sequence[Change]) -> None:
    """The questions of `reglage` that changed, one by one; of `preuve`, numbers only, so that nobody tunes on them."""
    shown = [change for change in found if change.question.part != "preuve"]
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
    for part in ("reglage", "preuve"):
        total = sum(1 for question in questions if question.part == part)
        verdicts = Counter(change.verdict for change in found if change.question.part == part)
        told = ", ".join(f"{number} {verdict}(s)" for verdict, number in sorted(verdicts.items())) or "aucun changement"
        out.print(f"{part} : {total} questions, {told}")


def show_evaluation(out: Console, part: str, result: Evaluation) -> None:
    """Rates with their intervals, the decisions, and the confusions; of `preuve` no sentence is shown."""
    table = Table(title=f"Le bon thème, questions « {part} » (intervalles à 95 %)", title_justify="left")
    for name in ("questions", "nombre", "en premier", "parmi les trois premiers"):
        table.add_column(name, justify="left" if name == "questions" else "right")
    for name in dict.fromkeys(name for name, _ in result.rates):
        first, third = result.rates[name, "premier"], result.rates[name, "parmi trois"]
        if first.total:
            table.add_row(name, str(first.total), _with_interval(first), _with_interval(third))
    out.print(table)
    for title, done in (("Dans le domaine", result.decisions), ("Hors du domaine", result.outside)):
        out.print(f"\n[bold]{title}, ce que le bot fait[/]")
        for decision, count in done.most_common():
            out.print(f"  {decision:<24} {count:>4}  {_percent(count / sum(done.values()))}")
    out.print("\n[bold]Confusions[/]")
    if part == "preuve":
        for (right, first), count in Counter((miss.right, miss.first) for miss in result.misses).most_common():
            out.print(f"  {count} × {right} pris pour {first}")
        return
    for miss in sorted(result.misses, key=lambda miss: (miss.right, miss.first)):
        seen = "" if miss.third else " [dim](pas dans les trois premiers)[/]"
        out.print(f"  {miss.right} pris pour {miss.first}{seen} : « {escape(miss.text)} »")


def _with_interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.value * 100:.1f} % ({low * 100:.1f} à {high * 100:.1f})".replace(".", ",")


def _body(message: dict[str, Any]) -> Group:
    parts: list[Any] = [Markdown(message["text"], hyperlinks=False)]
    for link in message["links"]:
        login = " (connexion au compte)" if link["login"] else ""
        parts.append(Text(f"→ {link['label']}{login} : {link['url']}", style="blue"))
    source = message.get("source")
    if source:
        date = f"vérifié le {source['checked_on']}" if source["checked_on"] else "à vérifier sur ameli.fr"
        parts.append(Text(f"Source : {source['url']} ({date})", style="dim"))
    if message["choices"]:
        parts.append(Text("  ".join(f"[ {choice['label']} ]" for choice in message["choices"])))
    return Group(*parts)


def _percent(number: float) -> str:
    return f"{100 * number:.0f} %"
