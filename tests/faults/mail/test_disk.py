"""A full disk, under the database or the log: nothing is lost, nothing is repeated."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from tests.faults.mail.stage import Stage
from tests.faults.rig import until


@pytest.fixture
def stage(small):
    made = Stage("sqlite", small)
    yield made
    made.close()


def fill(stage: Stage) -> None:
    """Not a byte left, not even inside the database's journal."""
    with closing(sqlite3.connect(stage.folder / "guichet.db", timeout=20)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filler = stage.folder / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], check=False, stderr=subprocess.DEVNULL)


def test_a_disk_full_after_the_250(stage, many, tell):
    for _ in range(many(5, 1)):
        stage.mail.on_message = lambda: fill(stage)
        mails = stage.opens(due_in=0.5)
        until(lambda: (stage.folder / "filler").exists(), 20, "the disk is full")
        time.sleep(3)
        assert "sending" in stage.states().values(), "what came of it could not be written"
        (stage.folder / "filler").unlink()
        stage.settles("disk full after the 250", mails)
    tell(f"disk full after the 250: {stage.ledger}")


def test_a_disk_full_before_the_claim(stage, many, tell):
    for _ in range(many(5, 1)):
        mails = stage.opens(due_in=1.0)
        fill(stage)
        time.sleep(3)
        assert sum(stage.taken(mails).values()) == 0
        (stage.folder / "filler").unlink()
        stage.settles("disk full before the claim", mails)
    tell(f"disk full before the claim: {stage.ledger}")


def test_a_log_on_a_full_disk(tmp_path, tell):
    (tmp_path / "log.full").touch()
    stage = Stage("sqlite", tmp_path)
    try:
        stage.settles("log on a full disk", stage.opens(4))
        tell(f"log on a full disk: {stage.ledger}")
    finally:
        stage.close()
