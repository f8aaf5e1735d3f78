"""A mail server that misbehaves as told: a real one, on loopback, with STARTTLS and a login."""

from __future__ import annotations

import asyncio
import email
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.channels.mail.servers import free_port, server_context

__all__ = ["CUT", "TAKEN_THEN_CUT", "MailServer"]

LOGIN = (b"guichet", b"secret")
CUT = "cut"  # the connection is reset instead of an answer
TAKEN_THEN_CUT = "taken, then cut"  # to DATA: the server has charge of the mail, and its 250 never leaves


class MailServer(Controller):
    """`answers` maps a command to what it is answered instead of 250, `slow` to the seconds it takes.

    `received` counts the Message-IDs of what the server took charge of.
    """

    def __init__(self, certificate: Path) -> None:
        self.received: Counter[str] = Counter()
        self._certificate = certificate
        self.heal()
        super().__init__(
            self, hostname="127.0.0.1", port=free_port(), require_starttls=True, auth_required=True,
            authenticator=self._knows, tls_context=server_context(certificate),
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Listen, for the first time or after `stop()`, on the same port."""
        self.loop = asyncio.new_event_loop()
        super().start()

    def heal(self) -> None:
        """From now on all is well."""
        self.answers: dict[str, str] = {}
        self.slow: dict[str, float] = {}
        self.cut_after = 10**9  # bytes of a connection
        self.on_message: Callable[[], None] | None = None  # called once: a message was taken, its 250 is not sent yet
        self.knows_us = True

    def shows(self, certificate: Path | None = None) -> None:
        """Another certificate for the connections to come; None: its own."""
        self.SMTP_kwargs["tls_context"] = server_context(certificate or self._certificate)

    def factory(self) -> SMTP:
        return _Line(self, **self.SMTP_kwargs)

    def _knows(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=self.knows_us and (data.login, data.password) == LOGIN, handled=False)

    async def _answer(self, server: SMTP, command: str) -> str:
        await asyncio.sleep(self.slow.get(command, 0))
        answer = self.answers.get(command, "250 OK")
        if answer == CUT:
            server.transport.abort()
        return answer

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        answer = await self._answer(server, "EHLO")
        return responses if answer == "250 OK" else [answer]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return await self._answer(server, "MAIL")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = await self._answer(server, "DATA")
        if answer in ("250 OK", TAKEN_THEN_CUT):
            self.received[email.message_from_bytes(envelope.content)["Message-ID"]] += 1
            taken, self.on_message = self.on_message, None
            if taken:
                taken()
        if answer == TAKEN_THEN_CUT:
            server.transport.abort()
        return answer


class _Line(SMTP):
    """One connection; the server cuts it after so many bytes."""

    def __init__(self, owner: MailServer, **options: Any) -> None:
        super().__init__(owner, **options)
        self._owner, self._heard = owner, 0

    def data_received(self, data: bytes) -> None:
        self._heard += len(data)
        if self._heard > self._owner.cut_after:
            self.transport.abort()
        else:
            super().data_received(data)
