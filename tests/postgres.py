"""A real PostgreSQL for tests: a server of our own in a temporary folder, one fresh database a test.

Use: `from tests.postgres import fresh_database`, then `with fresh_database() as url: open_store(url)`.
The server starts at the first use and is stopped, by its process id, when the tests end.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

__all__ = ["Server", "fresh_database", "server"]

START_WAIT = 30.0  # seconds
PR_SET_PDEATHSIG = 1  # linux/prctl.h
MISSING = (
    "PostgreSQL n'est pas installé : ni « pg_config --bindir » ni /usr/lib/postgresql/*/bin n'ont « initdb » et "
    "« postgres ». Installez le paquet apt « postgresql » (apt-get install postgresql), puis relancez les tests."
)


class Server:
    """A PostgreSQL server on a unix socket in its own folder: no port, so no clash with any other."""

    def __init__(self) -> None:
        self._bindir = _bindir()
        self._account = _account()
        self._folder = Path(tempfile.mkdtemp(prefix="guichet-pg-"))  # short: a socket's path is at most 107 bytes
        self._log = self._folder / "postgres.log"
        try:
            if "user" in self._account:
                shutil.chown(self._folder, self._account["user"], self._account["group"])
            self._run(
                [self._bindir / "initdb", "-D", self._folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync"]
            )  # fmt: skip
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Start it, for the first time or after `halt()`."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._bindir / "postgres", "-D", self._folder / "data", "-k", self._folder, "-c", "listen_addresses=",
                 "-c", "fsync=off", "-c", "max_connections=200"],
                stdout=log, stderr=log, cwd=self._folder, start_new_session=True, preexec_fn=_end_with_parent,
                **self._account,
            )  # fmt: skip
        self._wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and to each of its workers."""
        os.killpg(self._process.pid, number)
        for pid in self._workers():
            os.kill(pid, number)

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def halt(self) -> None:
        """Stop the server at once, as a fast shutdown does: sessions are cut; its data stays."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(10)

    @property
    def pid(self) -> int:
        return self._process.pid

    def url(self, database: str) -> str:
        """SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def execute(self, statement: str) -> None:
        """One statement of administration, outside any transaction."""
        with psycopg.connect(f"host={self._folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """End the server and remove its folder; harmless when it is stopped already."""
        if hasattr(self, "_process"):
            self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, command: list[object]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, **self._account)
        if done.returncode:
            pytest.fail(f"initdb a échoué :\n{done.stderr}", pytrace=False)

    def _wait(self) -> None:
        end = time.monotonic() + START_WAIT
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    pytest.fail(f"PostgreSQL n'a pas démarré :\n{self._log.read_text()}", pytrace=False)
                time.sleep(0.05)


@cache
def server() -> Server:
    """The server of this test run. Fails, naming the apt package, when PostgreSQL is not installed."""
    started = Server()
    atexit.register(started.stop)
    return started


@contextmanager
def fresh_database() -> Iterator[str]:
    """SQLAlchemy address of an empty database, dropped afterwards."""
    name = f"guichet_{uuid4().hex}"
    server().execute(f"CREATE DATABASE {name}")
    try:
        yield server().url(name)
    finally:
        server().execute(f"DROP DATABASE {name} WITH (FORCE)")


def _bindir() -> Path:
    """Where initdb and postgres are, newest version first; pg_config alone proves nothing (libpq-dev has it too)."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(3), reverse=True
    )
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folders.insert(0, Path(told.stdout.strip() or "/nonexistent"))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.fail(MISSING, pytrace=False)


def _end_with_parent() -> None:
    """Ask Linux for SIGINT, a fast shutdown, when the tests are killed before they could stop the server."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _account() -> dict[str, object]:
    """Who runs it: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
