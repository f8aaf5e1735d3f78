"""The relay process, a mail server and a database that a test may break, and the count of what became of every mail."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Select, select

from guichet.store import StoreUnavailable, open_store, outbox
from guichet.store.tables import Outbox
from tests.channels.mail.builders import BOX, KEY, SENDER, open_cases
from tests.channels.mail.servers import write_certificate
from tests.faults.mail.server import MailServer
from tests.faults.rig import ROOT, Rig, until
from tests.guichet.content_builder import write_data
from tests.postgres import Server

__all__ = ["DOMAIN", "LEASE", "Ledger", "Stage", "relay_rig"]

LEASE = 2.0  # seconds
SETTLED_WITHIN = 90  # seconds
DOMAIN = SENDER.partition("@")[2]


def relay_rig(folder: Path, database: str, port: int, certificate: Path, **changes: str) -> Rig:
    """A service of the relay alone, with short pauses and the doors that `inside` opens to a test."""
    settings = {
        "GUICHET_DATA_DIR": str(write_data(folder)),  # small: the relay starts in a second
        "GUICHET_CONTACT_KEYS": KEY,
        "GUICHET_MAIL_TRANSPORT": "smtp",
        "GUICHET_MAIL_FROM": SENDER,
        "GUICHET_MAIL_BOXES": f"cpam_49={BOX}",
        "GUICHET_SMTP_PORT": str(port),
        "GUICHET_SMTP_USER": "guichet",
        "GUICHET_SMTP_PASSWORD": "secret",
        "GUICHET_SMTP_TIMEOUT": "1",
        "GUICHET_RELAY_PAUSE": "0.05",
        "GUICHET_RELAY_LEASE": str(LEASE),
        "GUICHET_RELAY_ATTEMPTS": "3",
        "SSL_CERT_FILE": str(certificate),
        "PYTHONPATH": f"{Path(__file__).parent / 'inside'}:{ROOT}",
    }
    return Rig(folder, database, **(settings | changes))


class Ledger:
    """What is counted, and printed at the end."""

    def __init__(self) -> None:
        self.faults = self.mails = self.crashes = self.repeats = self.most = self.lost = self.strange = self.dead = 0
        self.names: set[str] = set()

    def __str__(self) -> str:
        return (
            f"{len(self.names)} faults, {self.faults} times in all: {self.mails} mails, {self.lost} lost,"
            f" {self.crashes} kill -9, {self.repeats} repeats, no mail more than {self.most} times,"
            f" {self.strange} under another Message-ID; {self.dead} times dead, each shown"
        )


class Stage:
    """One engine. `opens` mails, breaks things, and `settles` in the end."""

    transport = "smtp"

    def __init__(self, engine: str, folder: Path, database: str = "") -> None:
        self.engine, self.folder, self.ledger = engine, folder, Ledger()
        certificate = write_certificate(folder / "server.pem")
        self.stranger = write_certificate(folder / "stranger.pem")
        self.mail = MailServer(certificate)
        self.server = Server() if engine == "postgresql" else None
        if self.server:
            self.server.execute("CREATE DATABASE guichet")
        database = self.server.url("guichet") if self.server else database
        self.rig = relay_rig(
            folder, database, self.mail.port, certificate, GUICHET_MAIL_TRANSPORT=self.transport
        )  # fmt: skip
        self.store = open_store(self.rig.database)
        self.rig.start("relay")

    def close(self) -> None:
        self.rig.stop()
        self.store.close()
        with suppress(RuntimeError):  # a test failed while it was down
            self.mail.stop(no_assert=True)
        if self.server:
            self.server.stop()

    # --- what a fault does

    def opens(self, cases: int = 2, kinds: tuple[str, ...] = ("case", "receipt"), due_in: float = 0.0) -> list[str]:
        """Cases with their mails; returns their message ids."""
        known = set(self.states())
        open_cases(self.store, cases, kinds, now=datetime.now(UTC) + timedelta(seconds=due_in))
        return [mail for mail in self.states() if mail not in known]

    def dies(self, point: str) -> None:
        """The relay ends by SIGKILL the next time it gets there."""
        (self.folder / "die.new").write_text(point)
        (self.folder / "die.new").replace(self.folder / "die")

    def has_died(self) -> None:
        until(lambda: not (self.folder / "die").exists(), 60, f"the relay gets there\n{self.log()[-3000:]}")

    def fails(self, mails: list[str]) -> None:
        """Wait until an attempt at one of these has failed."""
        until(lambda: any(self.rows(mails, "last_error")), 30, f"a failure\n{self.log()[-3000:]}")

    def spent(self, mails: list[str]) -> set[int]:
        """The attempts counted for each, at a moment when all have failed and none is in hand: one in hand is counted
        until it is given back."""

        def counts() -> set[int] | None:
            rows = self.rows(mails, "attempts", "last_error", "state")
            known = all(error and state != "sending" for _, error, state in rows)
            return {attempts for attempts, _, _ in rows} if known else None

        return until(counts, 30, f"every mail fails\n{self.log()[-3000:]}")

    def says(self, event: str, since: int) -> None:
        """Wait for an event in the log, from this length on."""
        until(lambda: event in self.log()[since:], 40, f"{event}\n{self.log()[-3000:]}")

    def lock(self, seconds: float) -> None:
        """SQLite: another writer holds the database."""
        held = sqlite3.connect(self.folder / "guichet.db", isolation_level=None, check_same_thread=False)
        held.execute("BEGIN IMMEDIATE")
        threading.Timer(seconds, lambda: (held.execute("ROLLBACK"), held.close())).start()

    def kill_database(self) -> None:
        """PostgreSQL: kill -9 of the server, as when its machine runs out of memory."""
        self.server.signal(signal.SIGKILL)
        until(lambda: not Path(f"/proc/{self.server.pid}/exe").exists(), 10, "the server is gone")

    def cut_sessions(self) -> None:
        with psycopg.connect(self.server.url("guichet").replace("+psycopg", ""), autocommit=True) as session:
            session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")

    # --- what became of it

    def log(self) -> str:
        return self.rig.log("relay")

    def rows(self, mails: list[str], *names: str) -> list[Any]:
        columns = [getattr(Outbox, name) for name in names]
        found = self._read(select(*columns).where(Outbox.message_id.in_(mails)).order_by(Outbox.id))
        return [row[0] if len(names) == 1 else tuple(row) for row in found]

    def states(self) -> dict[str, str]:
        return {mail: state for mail, state in self._read(select(Outbox.message_id, Outbox.state).order_by(Outbox.id))}

    def _read(self, wanted: Select[Any]) -> list[Any]:
        """The session of the test itself is among those that `cut_sessions` ends: once more, then."""
        for last in (False, True):
            try:
                with self.store.begin() as session:
                    return list(session.execute(wanted))
            except StoreUnavailable:
                if last:
                    raise
        raise AssertionError

    def taken(self, mails: list[str]) -> Counter[str]:
        """How often the server took charge of each."""
        return Counter({mail: self.mail.received[f"<{mail}@{DOMAIN}>"] for mail in mails})

    def waits(self, mails: list[str]) -> list[str]:
        """The state of each once all are sent or dead."""
        end = set(self.rows(mails, "state"))

        def settled() -> bool:
            nonlocal end
            end = set(self.rows(mails, "state"))
            return end <= {"sent", "dead"}

        until(settled, SETTLED_WITHIN, f"{end} settle\n{self.log()[-3000:]}")
        return self.rows(mails, "state")

    def settles(self, name: str, mails: list[str], *, crashes: int = 0, repeats: int = 0, poison: int = 0) -> None:
        """Every mail is with the server, or dead and shown; dead ones are sent again by the command. Counts it all."""
        states = self.waits(mails)
        shown = {dead.id for dead in outbox.dead(self.store)}
        dead = [row for row, state in self.rows(mails, "id", "state") if state == "dead"]
        assert set(dead) <= shown
        if len(dead) > poison:
            self.command("mail", "resend", "--all")
            states = self.waits(mails)
        taken = self.taken(mails)
        again = sum(count - 1 for count in taken.values() if count)
        lost = [mail for mail, state in zip(mails, states, strict=True) if not taken[mail] and state != "dead"]
        known = {f"<{mail}@{DOMAIN}>" for mail in self.states()}
        ledger = self.ledger
        ledger.names.add(name)
        ledger.faults += 1
        ledger.mails += len(mails)
        ledger.lost += len(lost)
        ledger.crashes += crashes
        ledger.repeats += again
        ledger.most = max(ledger.most, *taken.values())
        ledger.strange = len(set(self.mail.received) - known)
        ledger.dead += len(dead)
        assert not lost, f"{name}: lost"
        assert states.count("dead") == poison
        assert again <= repeats, f"{name}: {taken}"
        assert not ledger.strange

    def command(self, *words: str) -> Any:
        """`bin/guichet mail ...` as an operator runs it; what it prints, read as JSON when it is."""
        done = subprocess.run(
            [ROOT / "bin/guichet", *words], env=self.rig.environment, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0 or "status" in words, done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stdout
