"""What the commands share: the terminal, how they fail, and the service's database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NoReturn

from rich.console import Console
from rich.prompt import InvalidResponse, PromptBase

from guichet.content import ContentError
from guichet.logs import configure_logs
from guichet.settings import Settings, SettingsError, current
from guichet.store import Store, StoreUnavailable, is_migrated, migrate, open_store

__all__ = ["Refused", "configured", "confirmed", "fail", "opened", "out", "telling", "today"]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Refused(ValueError):
    """A command that cannot be done; the text says why and what to do (in French)."""


def fail(message: str) -> NoReturn:
    """Say in red on standard error what to do, and exit with 1."""
    err.print(message, style="bold red", markup=False, soft_wrap=True)
    sys.exit(1)


class _YesOrNo(PromptBase[bool]):
    response_type = bool
    choices = ["oui", "non"]

    def process_response(self, value: str) -> bool:
        said = [choice for choice in self.choices if value.strip() and choice.startswith(value.strip().lower())]
        if not said:
            raise InvalidResponse("Répondez oui ou non.")
        return said == ["oui"]


def confirmed(question: str) -> bool:
    """Asks until the answer is «oui», «non» or a first letter of them; no, when nobody is there to answer."""
    try:
        return _YesOrNo.ask(question, console=out)
    except (EOFError, KeyboardInterrupt):
        out.print()
        return False


@contextmanager
def telling(*others: type[Exception]) -> Iterator[None]:
    """What goes wrong inside, `others` too, is told in French, without a trace."""
    try:
        yield
    except (Refused, SettingsError, ContentError, *others) as error:
        fail(str(error))
    except StoreUnavailable:
        fail("La base de données ne répond pas. Vérifiez DATABASE_URL et que le serveur est démarré.")


@contextmanager
def opened(*, prepare: bool = False) -> Iterator[tuple[Settings, Store]]:
    """Settings and the database, brought to this version when `prepare`, refused when it is not otherwise."""
    settings = configured()
    with telling():
        store = open_store(settings.database)
        try:
            if prepare:
                migrate(store)
            elif not is_migrated(store):
                raise Refused("La base de données n'est pas à jour. Lancez d'abord : bin/guichet migrate")
            yield settings, store
        finally:
            store.close()


def configured() -> Settings:
    """Settings, once logs are set up; the way every command begins."""
    configure_logs()
    with telling():
        return current()


def today() -> date:
    return datetime.now().astimezone().date()
