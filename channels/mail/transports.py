"""Where mails go: one small interface, two kinds of failure, a maildir, an SMTP server, and a stub for tests."""

from __future__ import annotations

import mailbox
import os
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from guichet.settings import Settings, SettingsError

__all__ = [
    "DeliveryFailure",
    "Envelope",
    "MaildirTransport",
    "PermanentFailure",
    "SmtpTransport",
    "StubTransport",
    "TemporaryFailure",
    "Transport",
    "transport_for",
]

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Envelope:
    """Who the mail comes from and goes to, as the servers see it: bare ASCII addresses."""

    sender: str
    recipient: str


class DeliveryFailure(Exception):
    """A mail was not delivered. `reason`: a word for logs, without text or address; `detail`: French, for agents."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail or reason


class TemporaryFailure(DeliveryFailure):
    """It may pass later. `service`: nothing could be sent at all (server down, login refused, disk full), so the next
    mail would fail alike: an operator must look, and the mail is not to blame."""

    def __init__(self, reason: str, detail: str = "", *, service: bool = False) -> None:
        super().__init__(reason, detail)
        self.service = service


class PermanentFailure(DeliveryFailure):
    """This mail will never pass as it is."""


class Transport(Protocol):
    """Delivers one message to one recipient."""

    def deliver(self, message: EmailMessage, envelope: Envelope) -> None:
        """Return when the next hop has taken charge of it; raise TemporaryFailure or PermanentFailure otherwise."""


class MaildirTransport:
    """Puts every mail in a local maildir, to be read in the console: the default, without configuration.

    A mail appears whole or not at all, and survives a power cut: file and folder are synced before we return.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def deliver(self, message: EmailMessage, envelope: Envelope) -> None:
        written = message.as_bytes(policy=message.policy.clone(linesep="\n"))
        try:
            for folder in (self.path, *(self.path / name for name in ("tmp", "new", "cur"))):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mailbox.Maildir(self.path).add(written)
            _sync_folder(self.path / "new")
        except (OSError, mailbox.Error) as error:
            raise TemporaryFailure(
                f"maildir_{type(error).__name__}", "Le dossier de mails local n'est pas accessible.", service=True
            ) from error


class SmtpTransport:
    """Hands mails to one SMTP server, one connection a mail.

    `timeout` bounds each exchange, `deadline` the whole delivery (seconds): it must end before the lease does, or
    another relay would send the mail too.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: str = "starttls",
        user: str = "",
        password: str = "",
        timeout: float = 20.0,
        deadline: float = 60.0,
        hello: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.host, self.port, self.security = host, port, security
        self.user, self.password = user, password
        self.timeout, self.deadline = min(timeout, deadline), deadline
        self.hello = hello
        self.context = context or (ssl.create_default_context() if security != "none" else None)

    def deliver(self, message: EmailMessage, envelope: Envelope) -> None:
        started = time.monotonic()
        server = self._open()
        try:
            left = self.deadline - (time.monotonic() - started)
            if left <= 0:
                raise TemporaryFailure("smtp_slow", "Le serveur de mail est trop lent.", service=True)
            with _cut_after(left, server.sock):
                self._send(server, message, envelope)
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # the mail is taken: whatever happens now is not a failure
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        """A connection ready to send. All that fails here is the service's or the operator's, hence temporary."""
        server: smtplib.SMTP | None = None
        try:
            if self.security == "tls":
                server = smtplib.SMTP_SSL(self.host, self.port, self.hello, timeout=self.timeout, context=self.context)
            else:
                server = smtplib.SMTP(self.host, self.port, self.hello, timeout=self.timeout)
            if self.security == "starttls":
                server.starttls(context=self.context)
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            if server is not None:
                server.close()
            raise _unavailable(error) from error
        return server

    def _send(self, server: smtplib.SMTP, message: EmailMessage, envelope: Envelope) -> None:
        try:
            server.sendmail(envelope.sender, [envelope.recipient], message.as_bytes())
        except smtplib.SMTPSenderRefused as error:
            # every mail has the same sender: a refusal for good is about our settings, unless it is about the size
            service = error.smtp_code >= 500 and error.smtp_code != 552
            raise _answer("sender", error.smtp_code, error.smtp_error, service=service) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _answer("recipient", code, words, service=code == 530) from error
        except smtplib.SMTPResponseException as error:
            raise _answer("data", error.smtp_code, error.smtp_error, service=error.smtp_code == 530) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TemporaryFailure(
                f"smtp_cut_{type(error).__name__}", "La connexion au serveur de mail a été coupée pendant l'envoi."
            ) from error


class StubTransport:
    """Keeps what it is given, for tests: `delivered` holds (message, envelope) pairs.

    `failures` are raised first, one a delivery, in order; None lets that delivery pass. `before` is called at the start
    of each delivery. Safe to share between threads.
    """

    def __init__(
        self, failures: list[Exception | None] | None = None, before: Callable[[Envelope], None] | None = None
    ) -> None:
        self.delivered: list[tuple[EmailMessage, Envelope]] = []
        self.failures = list(failures or ())
        self._before = before
        self._lock = threading.Lock()

    def deliver(self, message: EmailMessage, envelope: Envelope) -> None:
        if self._before:
            self._before(envelope)
        with self._lock:
            failure = self.failures.pop(0) if self.failures else None
            if failure is not None:
                raise failure
            self.delivered.append((message, envelope))


def transport_for(settings: Settings) -> Transport:
    """The transport that the settings ask for. Raises SettingsError when they would show a password."""
    if settings.mail_transport == "maildir":
        return MaildirTransport(settings.var_dir / "mail")
    if settings.smtp_user and settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK:
        raise SettingsError(
            "GUICHET_SMTP_SECURITY=none enverrait le mot de passe en clair. Choisissez « starttls » ou « tls »."
        )
    return SmtpTransport(
        settings.smtp_host,
        settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout=settings.smtp_timeout,
        deadline=settings.relay_lease / 2,
        hello=settings.mail_from.rpartition("@")[2] or None,
    )


def _unavailable(error: Exception) -> TemporaryFailure:
    code = getattr(error, "smtp_code", None)
    reason = f"smtp_open_{code or type(error).__name__}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return TemporaryFailure(reason, f"Le serveur de mail refuse notre identifiant ({code}).", service=True)
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return TemporaryFailure(reason, "La connexion chiffrée au serveur de mail est impossible.", service=True)
    return TemporaryFailure(reason, "Le serveur de mail est injoignable.", service=True)


def _answer(stage: str, code: int, words: bytes | str, *, service: bool) -> DeliveryFailure:
    """The failure that a server's answer means (RFC 5321 §4.2.1: 4yz come back later, 5yz do not)."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    what = {"sender": "l'expéditeur", "recipient": "le destinataire", "data": "le message"}[stage]
    detail = f"Le serveur de mail a refusé {what} ({code}). {' '.join(said.split())}"
    reason = f"smtp_{stage}_{code}"
    if code >= 500 and not service:
        return PermanentFailure(reason, detail)
    return TemporaryFailure(reason, detail, service=service)


@contextmanager
def _cut_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Shut the connection down when the block lasts longer: a server that drips a byte now and then defeats timeouts.

    The plain socket's own method: SSLSocket.shutdown drops encryption first.
    """

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
