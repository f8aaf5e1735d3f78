"""`bin/guichet mail status` and `bin/guichet mail resend`, on both engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import Result
from typer.testing import CliRunner

from guichet.cli import app
from guichet.store import Store, audit, handoffs, outbox
from guichet.store.audit import Filter

Run = Callable[..., Result]


@pytest.fixture
def run(database: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Run:
    env = {"DATABASE_URL": database, "GUICHET_VAR_DIR": str(tmp_path), "COLUMNS": "200"}
    return lambda *words: CliRunner().invoke(app, ["mail", *words], env=env)


def add(store: Store, reference: str, minutes_ago: float = 1) -> None:
    """A case with its two mails."""
    now, handoff_id = datetime.now(UTC) - timedelta(minutes=minutes_ago), str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=handoff_id, conversation_id="c", contact="x", departement="49", summary="", verified=False,
        now=now,
    )  # fmt: skip
    handoffs.open_case(
        store, reference=reference, handoff_id=handoff_id, caisse="cpam_49", theme=None, transcript=[],
        mails=("case", "receipt"), now=now,
    )  # fmt: skip


def give_up(store: Store, count: int, error: str = "Le serveur de mail a refusé le destinataire (550).") -> None:
    now = datetime.now(UTC)
    for mail in outbox.claim(store, lease=str(uuid4()), now=now, lease_seconds=60, limit=count):
        outbox.mark_dead(store, mail, error=error)


def test_an_empty_outbox(store: Store, run: Run) -> None:
    done = run("status")
    assert done.exit_code == 0
    assert done.stdout.split("\n")[:3] == ["À envoyer : 0", "Envoyés : 0", "Abandonnés : 0"]


def test_what_waits_is_told_with_its_age_and_attempts(store: Store, run: Run) -> None:
    add(store, "ABCD-2345", minutes_ago=12)
    outbox.claim(store, lease=str(uuid4()), now=datetime.now(UTC), lease_seconds=60)
    done = run("status")
    assert done.exit_code == 0
    assert "À envoyer : 2" in done.stdout
    assert "depuis 12 min" in done.stdout
    assert "en cours d'envoi : 1, à réessayer : 0" in done.stdout
    assert "au plus : 1" in done.stdout


def test_a_monitor_reads_json_and_an_exit_code(store: Store, run: Run) -> None:
    add(store, "ABCD-2345", minutes_ago=61)
    done = run("status", "--json")
    told = json.loads(done.stdout)
    assert told["counts"] == {"pending": 2, "sending": 0, "retry": 0, "sent": 0, "dead": 0}
    assert 3655 <= told["oldest_waiting"] <= 3700
    assert (told["attempts"], told["dead"]) == (0, 0)
    assert done.exit_code == 1, "more than an hour late"


def test_dead_mails_are_named_with_their_reason_and_sent_again(store: Store, run: Run) -> None:
    add(store, "ABCD-2345")
    add(store, "WXYZ-6789")
    give_up(store, 4)
    done = run("status")
    assert done.exit_code == 1
    assert "Abandonnés : 4" in done.stdout
    for words in ("ABCD-2345", "WXYZ-6789", "demande, au conseiller", "accusé, à l'assuré", "(550)", "mail resend"):
        assert words in done.stdout
    assert "2 mails de nouveau" in run("resend", " abcd-2345 ").stdout
    assert [mail.reference for mail in outbox.dead(store)] == ["WXYZ-6789"] * 2
    assert "2 mails de nouveau" in run("resend", "--all").stdout
    assert json.loads(run("status", "--json").stdout)["counts"]["pending"] == 4
    deeds, count = audit.entries(store, Filter(action="mail.resent"))
    assert count == 2  # one a case: each had two mails
    assert {(deed.who, deed.target) for deed in deeds} == {("cli", "ABCD-2345"), ("cli", "WXYZ-6789")}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["resend"], "Donnez les références"),
        (["resend", "--all", "ABCD-2345"], "Donnez les références"),
        (["resend", "ABCD-2345"], "Aucun mail abandonné"),
        (["resend", "--all"], "Aucun mail abandonné"),
    ],
)
def test_what_cannot_be_sent_again_is_said(store: Store, run: Run, words: list[str], told: str) -> None:
    add(store, "ABCD-2345")
    done = run(*words)
    assert done.exit_code == 1
    assert told in done.stderr


def test_a_database_that_is_not_there_is_said(run: Run) -> None:
    done = run("status")
    assert done.exit_code == 1
    assert "bin/guichet migrate" in done.stderr


def test_an_error_that_looks_like_markup_is_shown_as_it_is(store: Store, run: Run) -> None:
    add(store, "ABCD-2345")
    give_up(store, 1, error="refusé [bold]<x>[/bold]")
    assert "[bold]<x>[/bold]" in run("status").stdout
