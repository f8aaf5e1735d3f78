"""`python -m channels.mail`, as an operator runs it: real processes, real signals, real time."""

from __future__ import annotations

import email
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guichet.store import Store, outbox
from tests.channels.mail.builders import BOX, KEY, NOON, PERSON, SENDER, open_cases
from tests.channels.mail.servers import Inbox, smtp_server

ROOT = Path(__file__).parents[3]
WAIT = 90.0  # seconds


class Process:
    """The relay process and what it wrote."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "channels.mail"], env=environment, cwd=ROOT, text=True, stderr=subprocess.PIPE
        )

    def signal(self, number: int) -> None:
        self._popen.send_signal(number)

    def end(self) -> tuple[int, str]:
        """(exit code, what it logged), once it has ended by itself."""
        _, said = self._popen.communicate(timeout=WAIT)
        return self._popen.returncode, said

    def close(self) -> None:
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.communicate()


@pytest.fixture
def start(database: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts relay processes on the test's database; the changes are environment variables."""
    processes = []

    def start(**changes: str) -> Process:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database,
            "GUICHET_VAR_DIR": str(tmp_path / "var"),
            "GUICHET_CONTACT_KEYS": KEY,
            "GUICHET_MAIL_FROM": SENDER,
            "GUICHET_MAIL_BOXES": f"cpam_49={BOX}",
            "GUICHET_SMTP_SECURITY": "none",
            "GUICHET_RELAY_PAUSE": "0.1",
        }
        processes.append(Process(environment | changes))
        return processes[-1]

    yield start
    for process in processes:
        process.close()


def smtp(port: int) -> dict[str, str]:
    return {"GUICHET_MAIL_TRANSPORT": "smtp", "GUICHET_SMTP_PORT": str(port)}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, "the relay did not get there"
        time.sleep(0.02)


def sent(store: Store) -> int:
    return outbox.figures(store, NOON).counts["sent"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_settings_mails_go_to_a_local_maildir_until_the_relay_is_told_to_stop(
    store: Store, start: Callable[..., Process], tmp_path: Path, number: int
) -> None:
    open_cases(store, 3, mails=("case", "receipt"))
    process = start()
    until(lambda: sent(store) == 6)
    process.signal(number)
    code, said = process.end()
    assert code == 0
    assert len(list((tmp_path / "var" / "mail" / "new").iterdir())) == 6
    assert said.count("mail_sent") == 6
    assert "relay_stopped" in said
    for secret in (PERSON, BOX, "Jeanne", "carte"):
        assert secret not in said


def test_sigterm_lets_the_mail_in_hand_finish_and_starts_no_other(store: Store, start: Callable[..., Process]) -> None:
    open_cases(store, 3)
    inbox, in_data = Inbox(), threading.Event()

    def slowly(_server: object) -> None:
        in_data.set()
        time.sleep(1)

    inbox.during_data = slowly
    with smtp_server(inbox) as port:
        process = start(**smtp(port))
        assert in_data.wait(WAIT)
        process.signal(signal.SIGTERM)
        code, _ = process.end()
    assert code == 0
    assert sent(store) == len(inbox.received) == 1


def test_kill_9_during_data_loses_nothing_and_repeats_at_most_once(store: Store, start: Callable[..., Process]) -> None:
    open_cases(store, 2)
    inbox, in_data = Inbox(), threading.Event()

    def slowly(_server: object) -> None:
        if not in_data.is_set():
            in_data.set()
            time.sleep(1)

    inbox.during_data = slowly
    with smtp_server(inbox) as port:
        process = start(GUICHET_RELAY_LEASE="10", **smtp(port))
        assert in_data.wait(WAIT)
        process.signal(signal.SIGKILL)
        assert process.end()[0] == -signal.SIGKILL
        start(GUICHET_RELAY_LEASE="10", **smtp(port))
        until(lambda: sent(store) == 2)
    headers = [email.message_from_bytes(taken.content)["Message-ID"] for taken in inbox.received]
    assert len(set(headers)) == 2
    assert len(headers) <= 3


def test_two_processes_side_by_side_send_forty_mails_once_each(store: Store, start: Callable[..., Process]) -> None:
    open_cases(store, 40)
    inbox = Inbox()
    with smtp_server(inbox) as port:
        start(**smtp(port))
        start(**smtp(port))
        until(lambda: sent(store) == 40)
    headers = [email.message_from_bytes(taken.content)["Message-ID"] for taken in inbox.received]
    assert len(headers) == len(set(headers)) == 40


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GUICHET_MAIL_DEFAULT_BOX": "boite avec espace@exemple.fr"}, "GUICHET_MAIL_DEFAULT_BOX"),
        ({"GUICHET_MAIL_TRANSPORT": "pigeon"}, "GUICHET_MAIL_TRANSPORT"),
        ({"GUICHET_CONTACT_KEYS": "trop-court"}, "GUICHET_CONTACT_KEYS"),
        ({"GUICHET_DATA_DIR": "/nulle/part"}, "GUICHET_DATA_DIR"),
    ],
)
def test_a_wrong_setting_ends_the_process_at_once_and_is_named(
    start: Callable[..., Process], change: dict[str, str], named: str
) -> None:
    code, said = start(**change).end()
    assert code == 1
    assert named in said
    assert "Traceback" not in said
