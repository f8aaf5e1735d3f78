"""Transports against real servers: what is taken, what may pass later, what never will."""

from __future__ import annotations

import email
import errno
import mailbox
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from channels.mail.transports import (
    Envelope,
    MaildirTransport,
    PermanentFailure,
    SmtpTransport,
    StubTransport,
    TemporaryFailure,
    transport_for,
)
from guichet.settings import SettingsError
from tests.channels.mail.builders import BOX, SENDER, composer, dossier, settings
from tests.channels.mail.servers import Inbox, free_port, raw_server, server_context, smtp_server, write_certificate

# aiosmtpd takes implicit TLS for no TLS
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def letter() -> tuple[EmailMessage, Envelope]:
    return composer().compose(*dossier(summary=".\n..\n.point en tête\né" * 3))


def plain_smtp(port: int, **options: object) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", port, **({"security": "none", "timeout": 2.0, "deadline": 5.0} | options))


# --- SMTP: answers


def test_a_mail_arrives_as_it_was_composed(letter: tuple[EmailMessage, Envelope]) -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        plain_smtp(port).deliver(*letter)
    (taken,) = inbox.received
    assert (taken.mail_from, taken.rcpt_tos) == (SENDER, [BOX])
    arrived = email.message_from_bytes(taken.content, policy=SMTP)
    assert arrived.items() == email.message_from_bytes(letter[0].as_bytes(), policy=SMTP).items()
    for kind in ("plain", "html"):
        assert (
            arrived.get_body((kind,)).get_content().splitlines()
            == letter[0].get_body((kind,)).get_content().splitlines()
        )


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_a_4xx_may_pass_later(letter: tuple[EmailMessage, Envelope], stage: str, code: int) -> None:
    inbox = Inbox(**{stage: f"{code} plus tard"})
    with smtp_server(inbox) as port, pytest.raises(TemporaryFailure) as failure:
        plain_smtp(port).deliver(*letter)
    assert not failure.value.service
    assert str(code) in failure.value.reason
    assert str(code) in failure.value.detail
    assert inbox.received == []


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", [550, 552, 553, 554])
def test_a_5xx_about_this_mail_is_for_ever(letter: tuple[EmailMessage, Envelope], stage: str, code: int) -> None:
    inbox = Inbox(**{stage: f"{code} non"})
    with smtp_server(inbox) as port, pytest.raises(PermanentFailure, match=str(code)):
        plain_smtp(port).deliver(*letter)
    assert inbox.received == []


def test_a_mail_that_is_too_big_is_refused_for_ever(letter: tuple[EmailMessage, Envelope]) -> None:
    with smtp_server(Inbox(), data_size_limit=500) as port, pytest.raises(PermanentFailure, match="552"):
        plain_smtp(port).deliver(*letter)


@pytest.mark.parametrize("answers", [{"MAIL": "550 5.7.1 sender"}, {"MAIL": "530 auth"}, {"RCPT": "530 5.7.0 auth"}])
def test_a_5xx_about_our_settings_blames_the_service_not_the_mail(
    letter: tuple[EmailMessage, Envelope], answers: dict[str, str]
) -> None:
    with smtp_server(Inbox(**answers)) as port, pytest.raises(TemporaryFailure) as failure:
        plain_smtp(port).deliver(*letter)
    assert failure.value.service


def test_reasons_for_logs_never_repeat_what_the_server_said(letter: tuple[EmailMessage, Envelope]) -> None:
    inbox = Inbox(RCPT=f"550 5.1.1 <{BOX}> unknown")
    with smtp_server(inbox) as port, pytest.raises(PermanentFailure) as failure:
        plain_smtp(port).deliver(*letter)
    assert failure.value.reason == str(failure.value) == "smtp_recipient_550"


# --- SMTP: connections


def test_a_server_that_is_down_blames_the_service(letter: tuple[EmailMessage, Envelope]) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        plain_smtp(free_port()).deliver(*letter)
    assert failure.value.service


def test_a_host_that_does_not_exist_blames_the_service(letter: tuple[EmailMessage, Envelope]) -> None:
    transport = SmtpTransport("serveur.invalid", 25, security="none", timeout=2)
    with pytest.raises(TemporaryFailure) as failure:
        transport.deliver(*letter)
    assert failure.value.service


@pytest.mark.parametrize("greeting", [b"421 busy\r\n", b"554 no\r\n", b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_server_that_does_not_welcome_us_blames_the_service(
    letter: tuple[EmailMessage, Envelope], greeting: bytes
) -> None:
    with (
        raw_server(lambda connection: connection.sendall(greeting)) as port,
        pytest.raises(TemporaryFailure) as failure,
    ):
        plain_smtp(port).deliver(*letter)
    assert failure.value.service


def test_a_silent_server_is_given_up_in_time(letter: tuple[EmailMessage, Envelope]) -> None:
    started = time.monotonic()
    with raw_server(lambda _: time.sleep(1.5)) as port, pytest.raises(TemporaryFailure):
        plain_smtp(port, timeout=0.3).deliver(*letter)
    assert time.monotonic() - started < 1.4


def test_a_server_that_drips_its_answer_cannot_outlast_the_deadline(letter: tuple[EmailMessage, Envelope]) -> None:
    def drip(connection: socket.socket) -> None:
        _until_mail(connection)
        for _ in range(100):
            connection.sendall(b"2")
            time.sleep(0.1)

    started = time.monotonic()
    with raw_server(drip) as port, pytest.raises(TemporaryFailure):
        plain_smtp(port, timeout=1.0, deadline=1.5).deliver(*letter)
    assert time.monotonic() - started < 3


def test_a_cut_during_data_may_pass_later(letter: tuple[EmailMessage, Envelope]) -> None:
    inbox = Inbox()
    inbox.during_data = lambda server: server.transport.abort()
    inbox.answers["DATA"] = "451 cut"
    with smtp_server(inbox) as port, pytest.raises(TemporaryFailure) as failure:
        plain_smtp(port).deliver(*letter)
    assert not failure.value.service
    assert failure.value.reason.startswith("smtp_cut_")


def test_a_cut_after_the_250_is_a_success(letter: tuple[EmailMessage, Envelope]) -> None:
    def take_and_cut(connection: socket.socket) -> None:
        _until_mail(connection)
        connection.sendall(b"250 OK\r\n")
        connection.recv(1000)
        connection.sendall(b"250 OK\r\n")
        connection.recv(1000)
        connection.sendall(b"354 go\r\n")
        data = b""
        while not data.endswith(b"\r\n.\r\n"):
            data += connection.recv(10_000)
        connection.sendall(b"250 taken\r\n")

    with raw_server(take_and_cut) as port:
        plain_smtp(port).deliver(*letter)


def test_a_refused_quit_is_a_success(letter: tuple[EmailMessage, Envelope]) -> None:
    class Rude(Inbox):
        async def handle_QUIT(self, server, session, envelope):  # noqa: ANN001, ANN201, N802
            return "500 no"

    inbox = Rude()
    with smtp_server(inbox) as port:
        plain_smtp(port).deliver(*letter)
    assert len(inbox.received) == 1


# --- SMTP: encryption and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def login(_server, _session, _envelope, _mechanism, data) -> AuthResult:  # noqa: ANN001
    return AuthResult(success=data.login == b"guichet" and data.password == b"secret", handled=False)


@pytest.fixture(params=["starttls", "tls"])
def secured(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, int, Inbox]]:
    inbox = Inbox()
    context = server_context(certificate)
    if request.param == "tls":
        options = {"ssl_context": context, "auth_require_tls": False}
    else:
        options = {"tls_context": context, "require_starttls": True}
    with smtp_server(inbox, authenticator=login, auth_required=True, **options) as port:
        yield request.param, port, inbox


def test_an_encrypted_and_authenticated_delivery(
    secured: tuple[str, int, Inbox], certificate: Path, letter: tuple[EmailMessage, Envelope]
) -> None:
    security, port, inbox = secured
    plain_smtp(
        port, security=security, user="guichet", password="secret", context=trusting(certificate)
    ).deliver(*letter)  # fmt: skip
    assert len(inbox.received) == 1


def test_a_refused_login_blames_the_service(
    secured: tuple[str, int, Inbox], certificate: Path, letter: tuple[EmailMessage, Envelope]
) -> None:
    security, port, inbox = secured
    transport = plain_smtp(
        port, security=security, user="guichet", password="faux", context=trusting(certificate)
    )  # fmt: skip
    with pytest.raises(TemporaryFailure) as failure:
        transport.deliver(*letter)
    assert failure.value.service
    assert failure.value.reason == "smtp_open_535"
    assert inbox.received == []


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    secured: tuple[str, int, Inbox], letter: tuple[EmailMessage, Envelope]
) -> None:
    security, port, inbox = secured
    with pytest.raises(TemporaryFailure) as failure:
        plain_smtp(port, security=security, user="guichet", password="secret").deliver(*letter)
    assert failure.value.service
    assert inbox.received == []


def test_a_server_without_starttls_gets_no_mail_in_clear(letter: tuple[EmailMessage, Envelope]) -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port, pytest.raises(TemporaryFailure) as failure:
        plain_smtp(port, security="starttls").deliver(*letter)
    assert failure.value.service
    assert inbox.received == []


# --- maildir


def test_a_maildir_holds_the_mail_whole_and_for_its_owner_only(
    tmp_path: Path, letter: tuple[EmailMessage, Envelope]
) -> None:
    folder = tmp_path / "var" / "mail"
    MaildirTransport(folder).deliver(*letter)
    (kept,) = mailbox.Maildir(folder, create=False)
    read = email.message_from_bytes(kept.as_bytes(), policy=SMTP)
    assert read["Message-ID"] == letter[0]["Message-ID"]
    assert read.get_body(("plain",)).get_content().split() == letter[0].get_body(("plain",)).get_content().split()
    assert list((folder / "tmp").iterdir()) == []
    assert folder.stat().st_mode & 0o077 == 0
    (written,) = (folder / "new").iterdir()
    assert b"\r\n" not in written.read_bytes()


def test_mails_written_at_once_do_not_clash(tmp_path: Path, letter: tuple[EmailMessage, Envelope]) -> None:
    transport = MaildirTransport(tmp_path / "mail")
    transport.deliver(*letter)
    for _ in range(20):
        transport.deliver(*letter)
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 21


def test_a_folder_that_cannot_be_made_blames_the_service(tmp_path: Path, letter: tuple[EmailMessage, Envelope]) -> None:
    (tmp_path / "mail").write_text("un fichier, pas un dossier")
    with pytest.raises(TemporaryFailure) as failure:
        MaildirTransport(tmp_path / "mail").deliver(*letter)
    assert failure.value.service


def test_a_full_disk_blames_the_service_and_leaves_no_half_mail(
    tmp_path: Path, letter: tuple[EmailMessage, Envelope], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TemporaryFailure) as failure:
        MaildirTransport(tmp_path / "mail").deliver(*letter)
    assert failure.value.service
    assert list((tmp_path / "mail" / "new").iterdir()) == []


def test_an_empty_folder_made_by_an_operator_becomes_a_maildir(
    tmp_path: Path, letter: tuple[EmailMessage, Envelope]
) -> None:
    (tmp_path / "mail").mkdir()
    MaildirTransport(tmp_path / "mail").deliver(*letter)
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 1


# --- stub and settings


def test_the_stub_fails_as_told_and_keeps_the_rest(letter: tuple[EmailMessage, Envelope]) -> None:
    stub = StubTransport([TemporaryFailure("a"), None, PermanentFailure("b")])
    with pytest.raises(TemporaryFailure):
        stub.deliver(*letter)
    stub.deliver(*letter)
    with pytest.raises(PermanentFailure):
        stub.deliver(*letter)
    stub.deliver(*letter)
    assert len(stub.delivered) == 2


def test_settings_choose_the_transport(tmp_path: Path) -> None:
    assert transport_for(settings(var_dir=tmp_path)).path == tmp_path / "mail"
    smtp = transport_for(settings(mail_transport="smtp", smtp_host="smtp.exemple.fr", smtp_port=587, relay_lease=90.0))
    assert (smtp.host, smtp.port, smtp.security) == ("smtp.exemple.fr", 587, "starttls")
    assert (smtp.timeout, smtp.deadline, smtp.hello) == (20.0, 45.0, "service.exemple.fr")


def test_a_password_is_never_sent_in_clear_over_a_network() -> None:
    with pytest.raises(SettingsError, match="GUICHET_SMTP_SECURITY"):
        transport_for(
            settings(mail_transport="smtp", smtp_host="smtp.exemple.fr", smtp_security="none", smtp_user="guichet")
        )


def _until_mail(connection: socket.socket) -> None:
    """Be a good server up to MAIL FROM, not answered."""
    connection.sendall(b"220 hello\r\n")
    connection.recv(1000)
    connection.sendall(b"250 hello\r\n")
    connection.recv(1000)


def test_threads_may_share_a_transport(letter: tuple[EmailMessage, Envelope]) -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        transport = plain_smtp(port)
        threads = [threading.Thread(target=transport.deliver, args=letter) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(inbox.received) == 8
