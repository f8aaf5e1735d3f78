"""Read by the relay's Python when it starts (this folder is first in its PYTHONPATH): lets a test kill it from inside.

The process stays `bin/keep python -m channels.mail`, and its code knows nothing of this. Files in GUICHET_VAR_DIR say
what to do: `die` holds the point where the next process to reach it ends by SIGKILL, `die.always` a point where every
one does, `clock` the seconds by which its clock is wrong; with `log.full` it cannot log.
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("GUICHET_VAR_DIR", "."))
PAUSES = {  # as in production, but shorter
    "MAIL_PAUSE": 0.4,
    "MAIL_PAUSE_CAP": 0.8,
    "SERVICE_PAUSE": 0.2,
    "SERVICE_PAUSE_CAP": 0.4,
    "SETTLE_PAUSE": 0.1,
    "SETTLE_PAUSE_CAP": 0.2,
}
doing = ""  # the function of the outbox that runs
wrote = False  # it has changed a row in its transaction


def reached(point: str) -> None:
    """End here, by kill -9, when this is where a test wants it."""
    if _wanted("die.always") == point or (_wanted("die") == point and _taken("die")):
        os.kill(os.getpid(), signal.SIGKILL)


def _wanted(name: str) -> str:
    try:
        return (FOLDER / name).read_text()
    except FileNotFoundError:
        return ""


def _taken(name: str) -> bool:
    """True for one process only, so that the next one lives."""
    try:
        (FOLDER / name).unlink()
    except FileNotFoundError:
        return False
    return True


def _around(owner: Any, name: str, point: str) -> None:
    wrapped = getattr(owner, name)

    def call(*args: Any, **named: Any) -> Any:
        reached(f"{point}.before")
        if len(args) > 1 and hasattr(args[1], "message_id"):
            reached(f"{point}.mail.{args[1].id}")
        result = wrapped(*args, **named)
        if result != []:  # a claim that found nothing is no claim
            reached(f"{point}.after")
        return result

    setattr(owner, name, call)


def _around_store(outbox: Any, name: str) -> None:
    """Before, between the writing and the commit, and after."""
    wrapped = getattr(outbox, name)

    def call(*args: Any, **named: Any) -> Any:
        global doing, wrote
        doing, wrote = name, False
        return wrapped(*args, **named)

    setattr(outbox, name, call)
    _around(outbox, name, name)


def _watch_commits() -> None:
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "before_cursor_execute")
    def executes(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        global wrote
        wrote = wrote or statement.startswith("UPDATE outbox")

    @event.listens_for(Engine, "commit")
    def commits(_connection: Any) -> None:
        if wrote:
            reached(f"{doing}.commit")


def _in_the_middle(send: Callable[..., None]) -> None:
    """Half of a message, and all of it before anything is answered."""

    def halves(self: smtplib.SMTP, said: bytes | str) -> None:
        if not isinstance(said, bytes) or len(said) < 1000:
            return send(self, said)
        send(self, said[: len(said) // 2])
        reached("smtp.half")
        send(self, said[len(said) // 2 :])
        reached("smtp.all")
        return None

    smtplib.SMTP.send = halves  # type: ignore[method-assign]


def _shift_clock() -> None:
    from guichet.store import engine

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=float(_wanted("clock") or 0))

    engine.datetime = Shifted  # type: ignore[attr-defined]


def _break_from_inside() -> None:
    from channels.mail import compose, relay, transports
    from guichet.store import outbox

    for name, seconds in PAUSES.items():
        setattr(relay, name, seconds)
    for name in ("claim", "mark_sent", "mark_retry", "mark_dead"):
        _around_store(outbox, name)
    _around(outbox, "case_of", "case_of")
    _around(compose.Composer, "compose", "compose")
    _around(transports.MaildirTransport, "deliver", "deliver")
    _around(transports.mailbox.Maildir, "add", "maildir")
    _around(transports, "_sync_folder", "sync")
    _around(os, "link", "link")
    for name in ("connect", "starttls", "login", "mail", "rcpt", "data", "quit"):
        _around(smtplib.SMTP, name, f"smtp.{name}")
    _in_the_middle(smtplib.SMTP.send)
    _watch_commits()
    _shift_clock()
    if (FOLDER / "log.full").exists():
        os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
    reached("start")


if "channels.mail" in sys.orig_argv:
    _break_from_inside()
