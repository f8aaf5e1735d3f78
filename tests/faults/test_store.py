"""A database that is locked, full, down or mute: nothing is said to be kept that is not, and it all goes on after."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import threading

import httpx
import pytest

from tests.channels.web.conftest import plain
from tests.faults.rig import Caller, Rig, exchanges
from tests.postgres import Server

CRISIS = "je vais me suicider ce soir"


def refused_but_kept(caller: Caller, text: str) -> None:
    """The message is refused in French: try again, the draft is kept, the phone. A crisis gets its numbers even so."""
    reply = caller.says(text)
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert "n'a pas pu être enregistré" in plain(reply.json()["error"]["message"])
    assert "36 46" in plain(reply.json()["error"]["message"])
    (urgent,) = caller.says(CRISIS).json()["urgent"]
    assert urgent["kind"] == "emergency"
    assert "3114" in urgent["text"]


def goes_on(caller: Caller, text: str) -> None:
    caller.insists(text)
    assert exchanges(caller.waits())[-1] == (text, [f"Réponse à {text}"])


def test_a_locked_database(rig):
    service = rig("stand_in", "web")
    caller = Caller(service.web)
    goes_on(caller, "avant")
    lock = sqlite3.connect(service.folder / "guichet.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    refused_but_kept(caller, "pendant")
    lock.execute("ROLLBACK")
    lock.close()
    goes_on(caller, "après")
    assert [text for text, _ in exchanges(caller.waits())] == ["avant", "après"]


def test_a_database_locked_when_the_reply_comes(rig):
    """The message was taken; its reply waits for the database and comes when it is back."""
    service = rig("stand_in", "web")
    caller = Caller(service.web)
    service.breaks("slow:1")
    lock = sqlite3.connect(service.folder / "guichet.db", isolation_level=None, check_same_thread=False)
    threading.Timer(0.5, lock.execute, ["BEGIN IMMEDIATE"]).start()
    threading.Timer(9.0, lock.execute, ["ROLLBACK"]).start()
    caller.says("question")
    messages = caller.waits()
    assert exchanges(messages) == [("question", ["Réponse à question"])]
    assert service.runs() == ["question"]


def test_a_full_disk(rig, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "guichet", folder], capture_output=True, text=True
    )
    assert mounted.returncode == 0, f"this test mounts a small file system, which needs root: {mounted.stderr}"
    try:
        service = Rig(folder).start("stand_in", "web")
        try:
            caller = Caller(service.web)
            goes_on(caller, "avant")
            filler = folder / "filler"
            subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], check=False, stderr=subprocess.DEVNULL)
            refused_but_kept(caller, "pendant " + "x" * 1800)
            filler.unlink()
            goes_on(caller, "après")
            assert [text for text, _ in exchanges(caller.waits())] == ["avant", "après"]
        finally:
            service.stop()
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def own_server():
    """A PostgreSQL that this test may break."""
    server = Server()
    server.execute("CREATE DATABASE guichet")
    yield server
    server.stop()


def test_a_database_server_that_stops_and_comes_back(rig, own_server):
    service = rig("stand_in", "web", database=own_server.url("guichet"))
    caller = Caller(service.web)
    goes_on(caller, "avant")
    service.breaks("slow:1")
    threading.Timer(0.5, own_server.halt).start()
    caller.says("au milieu")  # taken; its reply finds no database
    refused_but_kept(caller, "pendant")
    own_server.start()
    service.breaks("")
    assert exchanges(caller.waits())[-1] == ("au milieu", ["Réponse à au milieu"])
    goes_on(caller, "après")
    assert [text for text, _ in exchanges(caller.waits())] == ["avant", "au milieu", "après"]


def test_a_database_server_that_does_not_answer(rig, own_server):
    service = rig("stand_in", "web", database=own_server.url("guichet"))
    caller = Caller(service.web)
    goes_on(caller, "avant")
    own_server.signal(signal.SIGSTOP)
    try:
        refused_but_kept(caller, "pendant")
    finally:
        own_server.signal(signal.SIGCONT)
    goes_on(caller, "après")


def test_the_site_starts_without_its_database(rig, own_server):
    service = rig(database=own_server.url("guichet"))
    own_server.halt()
    service.start("stand_in", "web")
    cannot_begin(service)
    own_server.start()
    goes_on(Caller(service.web), "après")


def test_a_damaged_database_file(rig):
    service = rig("stand_in")
    (service.folder / "guichet.db").write_bytes(b"not a database " * 1000)
    service.start("web")
    cannot_begin(service)


def cannot_begin(service: Rig) -> None:
    answer = httpx.post(f"{service.web}/chat/conversations", json={}, trust_env=False, timeout=30)
    assert answer.status_code == 503
    assert "36 46" in plain(answer.json()["error"]["message"])
