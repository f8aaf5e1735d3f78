"""The tests' own PostgreSQL: it starts, it stops, and says what to install when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guichet.store import open_store
from tests import postgres

ROOT = Path(__file__).parents[3]


def test_a_fresh_database_answers_and_is_gone_afterwards() -> None:
    with postgres.fresh_database() as url:
        store = open_store(url)
        store.ping()
        store.close()
    gone = open_store(url)
    with pytest.raises(Exception, match="StoreUnavailable|OperationalError"):
        gone.ping()


def test_a_server_leaves_neither_process_nor_folder() -> None:
    server = postgres.Server()
    pid, folder = server.pid, Path(server.url("x").partition("host=")[2])
    assert folder.exists()
    server.stop()
    server.stop()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_ends_when_its_tests_are_killed() -> None:
    script = "from tests import postgres; import time; print(postgres.server().pid, flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(child.stdout.readline())
    folder = Path(f"/proc/{pid}/cwd").resolve().parent  # the server works in its data folder
    child.kill()
    child.communicate()
    end = time.monotonic() + 15
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, "the server outlived its tests"
        time.sleep(0.05)
    assert folder.name.startswith("guichet-pg-")
    shutil.rmtree(folder)


def test_without_postgresql_the_tests_fail_and_name_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        postgres.Server()
