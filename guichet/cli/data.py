"""The commands on personal data: `bin/guichet purge`, `person export|erase` and `privacy kept`."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import structlog
import typer

from guichet.cli.opening import confirmed, fail, opened, out
from guichet.privacy import load_vault
from guichet.retention import Purged, erase_person, export_person, kept_table, purge_all
from guichet.settings import Settings
from guichet.store import Store, StoreUnavailable

__all__ = ["person", "privacy", "purge"]

privacy = typer.Typer(help="Ce qui est gardé des personnes.", no_args_is_help=True)

person = typer.Typer(help="Répondre à une personne qui demande ses données, ou leur effacement.", no_args_is_help=True)
EMAIL = typer.Argument(metavar="E-MAIL", help="L'adresse qu'elle a donnée dans le formulaire.")
log = structlog.get_logger("purge")
NAMES = {
    "conversations": "Conversations vidées (leurs chiffres restent)",
    "cases": "Dossiers clos vidés (leurs chiffres restent)",
    "forms": "Formulaires sans dossier",
    "events": "Évènements de Rasa",
    "mails": "Mails du dossier local",
    "audit": "Lignes du journal",
    "figures": "Chiffres trop anciens",
}


def purge(
    dry_run: bool = typer.Option(False, "--dry-run", help="Compter seulement, ne rien effacer."),
    every: int = typer.Option(0, metavar="SECONDES", min=0, help="Recommencer, jusqu'à Ctrl-C : ce que fait « run »."),
) -> None:
    """Effacer ce dont la durée de conservation est passée (docs/fr/donnees.md)."""
    with opened() as (settings, store):
        while True:
            if every:
                _quietly(settings, store)
                time.sleep(every)
                continue
            _tell(purge_all(store, settings, datetime.now(UTC), dry_run=dry_run), dry_run)
            return


def _quietly(settings: Settings, store: Store) -> None:
    """One pass of the service; a database that is away is waited for."""
    try:
        done = purge_all(store, settings, datetime.now(UTC))
    except StoreUnavailable as error:
        log.warning("purge_put_off", reason=str(error))
        return
    if done.total:
        log.info("purged", **{name: value for name, value in vars(done).items() if value})


def _tell(done: Purged, dry_run: bool) -> None:
    for name, words in NAMES.items():
        count = getattr(done, name)
        if count:
            out.print(f"{words} : {count}")
    if not done.total:
        out.print("Rien à effacer.")
    elif dry_run:
        out.print("Rien n'a été effacé (--dry-run).")


@privacy.callback()
def _group() -> None:
    """Keeps `kept` a command of its own."""


@privacy.command()
def kept() -> None:
    """Écrire la table de docs/fr/donnees.md : ce qui est gardé, pourquoi, combien de temps."""
    typer.echo(kept_table(Settings()))


@person.command()
def export(email: str = EMAIL) -> None:
    """Écrire en JSON tout ce qui est gardé sous une adresse e-mail."""
    with opened() as (settings, store):
        found = export_person(store, load_vault(settings), _address(email), datetime.now(UTC))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))


@person.command()
def erase(
    email: str = EMAIL,
    yes: bool = typer.Option(False, "--yes", help="Sans demander de confirmation."),
) -> None:
    """Effacer tout ce qui est gardé sous une adresse e-mail, dossiers en cours compris."""
    address = _address(email)
    if not yes and not confirmed("Ses dossiers en cours n'auront plus de réponse. Effacer ?"):
        fail("Rien n'a été effacé.")
    with opened() as (settings, store):
        count = erase_person(store, settings, load_vault(settings), address, datetime.now(UTC))
    out.print(f"{count} dossier{'s' if count > 1 else ''} effacé{'s' if count > 1 else ''}, et leurs conversations.")


def _address(written: str) -> str:
    if "@" not in written:
        fail("Donnez l'adresse e-mail entière, par exemple nom@exemple.fr.")
    return written
