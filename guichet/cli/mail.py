"""The commands on the outbox: `bin/guichet mail status` and `bin/guichet mail resend`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from guichet.cli.opening import fail, opened, out
from guichet.store import casework, outbox
from guichet.store.outbox import DeadMail, Figures

__all__ = ["mail"]

mail = typer.Typer(help="Suivre les mails, et renvoyer ceux qui sont abandonnés.", no_args_is_help=True)

LATE = timedelta(hours=1)  # a mail that waits longer is someone's business
SHOWN = 20  # dead mails on a terminal
KINDS = {"case": "demande, au conseiller", "receipt": "accusé, à l'assuré", "reply": "réponse, à l'assuré"}


@mail.command()
def status(as_json: bool = typer.Option(False, "--json", help="Pour un outil de surveillance.")) -> None:
    """Montrer où en sont les mails ; se termine par le code 1 si quelqu'un doit s'en occuper."""
    now = datetime.now(UTC)
    with opened() as (_, store):
        figures, dead = outbox.figures(store, now), outbox.dead(store, SHOWN)
    if as_json:
        typer.echo(json.dumps(_record(figures)))
    else:
        _tell(figures)
        _list(dead, figures.dead, now)
    oldest = figures.oldest_waiting
    raise typer.Exit(1 if figures.dead or (oldest is not None and oldest > LATE) else 0)


@mail.command()
def resend(
    references: list[str] = typer.Argument(None, metavar="[RÉFÉRENCE]...", help="Les dossiers concernés."),
    everything: bool = typer.Option(False, "--all", help="Tous les mails abandonnés."),
) -> None:
    """Remettre dans la file les mails abandonnés, une fois leur cause corrigée."""
    if everything == bool(references):
        fail("Donnez les références des dossiers, ou --all pour tous. « bin/guichet mail status » les montre.")
    wanted = None if everything else [reference.strip().upper() for reference in references]
    with opened() as (_, store):
        count = casework.resend_all(store, datetime.now(UTC), wanted)
    if not count:
        fail("Aucun mail abandonné ne correspond. « bin/guichet mail status » montre ceux qui le sont.")
    out.print(f"{count} mail{'s' if count > 1 else ''} de nouveau dans la file.")


def _record(figures: Figures) -> dict[str, Any]:
    """What a monitor reads; the age is in seconds."""
    oldest = figures.oldest_waiting
    return {
        "counts": figures.counts,
        "oldest_waiting": None if oldest is None else round(oldest.total_seconds()),
        "attempts": figures.attempts,
        "dead": figures.dead,
    }


def _tell(figures: Figures) -> None:
    counts = figures.counts
    out.print(f"À envoyer : [bold]{sum(counts[state] for state in outbox.WAITING)}[/]")
    if figures.oldest_waiting is not None:
        out.print(f"  le plus ancien attend depuis {_age(figures.oldest_waiting)}")
        out.print(f"  en cours d'envoi : {counts['sending']}, à réessayer : {counts['retry']}")
        out.print(f"  essais déjà faits, au plus : {figures.attempts}")
    out.print(f"Envoyés : {counts['sent']}")
    out.print(f"Abandonnés : [bold{' red' if figures.dead else ''}]{figures.dead}[/]")


def _list(dead: list[DeadMail], count: int, now: datetime) -> None:
    if not dead:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("référence", "mail", "essais", "écrit il y a", "raison"):
        table.add_column(name, header_style="dim")
    for one in dead:
        age, why = _age(now - one.created_at), escape(one.last_error)
        table.add_row(one.reference, KINDS.get(one.kind, one.kind), str(one.attempts), age, why)
    out.print(table)
    if count > len(dead):
        out.print(f"… et {count - len(dead)} plus anciens.")
    out.print("Une fois la cause corrigée : bin/guichet mail resend RÉFÉRENCE (ou --all)", markup=False)


def _age(age: timedelta) -> str:
    minutes = max(int(age.total_seconds()), 0) // 60
    if minutes < 60:
        return f"{minutes} min" if minutes else "moins d'une minute"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} jours"
