"""The local maildir, read only: what the relay delivered when no mail server is set (DESIGN §7)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

__all__ = ["LocalMail", "list_mails", "read_mail"]

SIZE_LIMIT = 1_000_000  # bytes read of one mail
MAIN_HEADERS = ("From", "To", "Reply-To", "Subject")


@dataclass(frozen=True)
class LocalMail:
    """A delivered mail. `headers` in their order, decoded; `text` is its text part, None in a list or without one."""

    key: str
    headers: tuple[tuple[str, str], ...]
    received: datetime
    text: str | None = None

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found.lower() == name.lower()), "")

    @property
    def sent(self) -> datetime | None:
        """The moment its Date header tells, if any."""
        return _or_else(None, lambda: parsedate_to_datetime(self.header("Date")).astimezone(UTC))

    @property
    def main(self) -> list[tuple[str, str]]:
        """What a mail program shows, in its order."""
        return [(name, self.header(name)) for name in MAIN_HEADERS if self.header(name)]

    @property
    def others(self) -> list[tuple[str, str]]:
        shown = {name.lower() for name in MAIN_HEADERS}
        return [(name, value) for name, value in self.headers if name.lower() not in shown]


def list_mails(path: Path, *, page: int, per_page: int) -> tuple[list[LocalMail], int]:
    """Mails of one page, newest first, without their text, and how many there are in all."""
    files = _files(path)
    newest = sorted(files, key=lambda key: (files[key].received, key), reverse=True)
    mails = []
    for key in newest[(page - 1) * per_page : page * per_page]:
        head = BytesHeaderParser(policy=policy.default).parsebytes(files[key].read())
        mails.append(LocalMail(key, _headers(head), files[key].received))
    return mails, len(files)


def read_mail(path: Path, key: str) -> LocalMail | None:
    """One mail by the key of its file; None when there is none."""
    file = _files(path).get(key)
    if file is None:
        return None
    message = cast(EmailMessage, message_from_bytes(file.read(), policy=policy.default))
    return LocalMail(key, _headers(message), file.received, _or_else(None, lambda: _text(message)))


@dataclass(frozen=True)
class _File:
    path: Path
    received: datetime

    def read(self) -> bytes:
        with self.path.open("rb") as written:
            return written.read(SIZE_LIMIT)


def _files(path: Path) -> dict[str, _File]:
    """Key -> file. Keys come from the folder itself: what a browser sends is only ever looked up here."""
    found = {}
    for folder in ("new", "cur"):
        with suppress(FileNotFoundError):  # no mail was delivered yet, or one was removed while we read
            for file in (path / folder).iterdir():
                key = file.name.partition(":")[0]
                if key.isascii() and not key.startswith(".") and file.is_file():
                    found[key] = _File(file, datetime.fromtimestamp(file.stat().st_mtime, UTC))
    return found


def _text(message: EmailMessage) -> str | None:
    part = message.get_body(preferencelist=("plain",))
    return part.get_content() if part else None


def _headers(message: EmailMessage) -> tuple[tuple[str, str], ...]:
    decode = message.policy.header_fetch_parse
    return tuple(
        (name, _or_else("(illisible)", lambda name=name, raw=raw: str(decode(name, raw))))
        for name, raw in message.raw_items()
    )


def _or_else[T](fallback: T, read: Callable[[], T]) -> T:
    """What `read` gives; `fallback` when the message is malformed: Python's parser then raises all sorts of errors."""
    try:
        return read()
    except (AttributeError, LookupError, TypeError, ValueError):
        return fallback
