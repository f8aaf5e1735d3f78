"""The default transport, a local maildir: killed at each step and on a full disk, a mail is whole or not there."""

from __future__ import annotations

import email
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.mail.stage import DOMAIN, Stage

POINTS = ("deliver.before", "link.before", "link.after", "sync.after", "deliver.after", "mark_sent.commit")
IN_DOUBT = POINTS[2:]


class Local(Stage):
    """Counts what is in the maildir."""

    transport = "maildir"

    def taken(self, mails: list[str]) -> Counter[str]:
        new = self.folder / "mail" / "new"
        found = [email.message_from_bytes(path.read_bytes()) for path in new.iterdir()] if new.exists() else []
        assert all(mail.get_payload() and mail.get_payload()[-1].get_payload().strip() for mail in found), "a half mail"
        count = Counter(mail["Message-ID"] for mail in found)
        return Counter({mail: count[f"<{mail}@{DOMAIN}>"] for mail in mails})


@pytest.fixture
def stage(tmp_path: Path):
    made = Local("sqlite", tmp_path)
    yield made
    made.close()


def test_killed_at_each_step(stage: Local, many, tell):
    for point in many(POINTS * 5, POINTS[1:4]):
        stage.dies(point)
        mails = stage.opens()
        stage.has_died()
        stage.settles(f"maildir, kill -9 at {point}", mails, crashes=1, repeats=int(point in IN_DOUBT))
    tell(f"maildir: {stage.ledger}")


def test_a_full_disk(small: Path, many, tell):
    """The database is elsewhere: it could take what the maildir could not."""
    (small.parent / "database").mkdir()
    stage = Local("sqlite", small, database=f"sqlite:///{small.parent}/database/guichet.db")
    try:
        for _ in range(many(5, 1)):
            mails = stage.opens(due_in=0.5)
            filler = small / "filler"
            subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], check=False, stderr=subprocess.DEVNULL)
            stage.fails(mails)
            time.sleep(1)
            assert sum(stage.taken(mails).values()) == 0
            filler.unlink()
            stage.settles("maildir on a full disk", mails)
        tell(f"maildir on a full disk: {stage.ledger}")
    finally:
        stage.close()
