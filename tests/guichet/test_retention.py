"""Retention, with a moved clock, on both engines: what is due goes, figures stay; a person's data."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text
from typer.testing import CliRunner

from guichet import retention
from guichet.audit import CLI, Deed
from guichet.cli import app
from guichet.privacy import Vault, load_vault
from guichet.settings import ROOT, Settings, SettingsError
from guichet.store import audit, casework, conversations, figures, inbox, migrate, open_store
from guichet.store.tables import Audit, Base, Case, CaseEvent, Conversation, Handoff, Message, Outbox, Turn
from tests.console.builders import open_case
from tests.console.talks import Talk

NOW = datetime.now(UTC).replace(microsecond=0)  # the audit table's triggers read the real clock
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CARD = "carte_vitale_perte_vol"
WRITTEN = "une phrase que personne d'autre n'écrit"


@pytest.fixture
def settings(tmp_path):
    return Settings(var_dir=tmp_path)


@pytest.fixture
def vault():
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def rasa(store, settings):
    """Rasa's table of events, where it keeps it; gives the senders it holds."""
    create = "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)"
    if store.skips_locked:
        with store.begin() as session:
            session.execute(text(create))
    else:
        with sqlite3.connect(settings.var_dir / "rasa.db") as database:
            database.execute(create)

    def remember(*ids: str) -> None:
        for talk in ids:
            row = f"INSERT INTO events (id, sender_id, data) VALUES ({hash(talk) % 10**9}, '{talk}', '{{}}')"
            if store.skips_locked:
                with store.begin() as session:
                    session.execute(text(row))
            else:
                with sqlite3.connect(settings.var_dir / "rasa.db") as database:
                    database.execute(row)

    return remember


def held(store, settings) -> set[str]:
    return set(retention.trackers.senders(settings, store))


def count(store, table) -> int:
    with store.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def state_of(store, reference: str) -> str:
    with store.begin() as session:
        return session.scalar(select(Case.state).where(Case.reference == reference))


def talk(store, at: datetime) -> Talk:
    one = Talk(store, at)
    one.asks(WRITTEN, CARD)
    one.no()
    one.misunderstood(WRITTEN, CARD)
    return one


def case_of(store, vault, one: Talk, reference: str = "ABCD-2345") -> None:
    open_case(store, vault, reference=reference, now=one.at, summary=WRITTEN)
    with store.begin() as session:
        form = session.scalar(
            select(Handoff).join(Case, Case.handoff_id == Handoff.id).where(Case.reference == reference)
        )
        form.conversation_id = one.id


def close(store, vault, reference: str, at: datetime) -> None:
    deed, sealed = Deed("camille", "case.closed", at, target=reference), vault.seal({"text": WRITTEN})
    casework.close(store, casework.Seen(None, reference, 0), "unclear", deed, sealed=sealed)


def board(store):
    found = figures.figures(store, NOW - 90 * DAY, NOW + DAY)
    return found.by_hour, found.started, found.themes, found.cases, found.closed, found.reasons


def test_a_conversation_is_emptied_a_day_after_its_last_message_and_its_figures_stay(store, settings, rasa):
    old, young = talk(store, NOW - 25 * HOUR), talk(store, NOW - 23 * HOUR)
    rasa(old.id, young.id, "erased-before")
    before = board(store)
    dry = retention.purge_all(store, settings, NOW, dry_run=True)
    assert (dry.conversations, count(store, Message)) == (1, 14)
    done = retention.purge_all(store, settings, NOW)
    assert (done.conversations, done.cases, done.figures) == (1, 0, 0)
    assert held(store, settings) == {young.id}
    assert conversations.messages(store, old.id)[0] == []
    assert len(conversations.messages(store, young.id)[0]) == 7
    assert board(store) == before
    with store.begin() as session:
        kept = session.scalars(select(Turn).where(Turn.conversation_id == old.id)).all()
        assert [(turn.request, turn.decision) for turn in kept] == [({}, None)] * 3
    found, total = figures.unanswered(store, NOW - 3 * DAY)
    assert total == 2
    assert all(one.said for one in found)
    assert retention.purge_all(store, settings, NOW).total == 0


def test_figures_go_after_their_own_time(store, settings):
    talk(store, NOW - 500 * DAY)
    retention.purge_all(store, settings, NOW)
    assert (count(store, Conversation), count(store, Turn)) == (0, 0)


def test_a_conversation_stays_with_its_case_then_both_are_emptied(store, settings, vault):
    one = talk(store, NOW - 60 * DAY)
    case_of(store, vault, one)
    assert retention.purge_all(store, settings, NOW).conversations == 0
    close(store, vault, "ABCD-2345", NOW - 31 * DAY)
    before = board(store)
    assert inbox.case(store, None, "ABCD-2345")
    assert retention.purge_all(store, settings, NOW - 2 * DAY).cases == 0
    done = retention.purge_all(store, settings, NOW)
    assert (done.cases, done.conversations) == (1, 1)
    assert inbox.case(store, None, "ABCD-2345") is None
    assert inbox.cases(store, None)[1] == 0
    assert board(store) == before
    with store.begin() as session:
        form, event = session.scalar(select(Handoff)), session.scalar(select(CaseEvent))
        assert (form.contact, form.summary, form.mailbox, event.text) == ("", "", None, None)
        assert session.scalar(select(Case.transcript)) == []
    assert count(store, Outbox) == 0


def test_an_open_case_is_never_emptied(store, settings, vault):
    open_case(store, vault, now=NOW - 300 * DAY)
    assert retention.purge_all(store, settings, NOW).cases == 0
    assert inbox.case(store, None, "ABCD-2345").handoff.contact


def test_a_purge_that_is_stopped_goes_on(store, settings, monkeypatch):
    for n in range(5):
        talk(store, NOW - (30 + n) * HOUR)
    monkeypatch.setattr(retention, "BATCH", 2)
    real, passes = retention.purge.strip_conversations, []

    def stops(session, ids):
        if len(passes) == 1:
            raise KeyboardInterrupt
        passes.append(ids)
        real(session, ids)

    monkeypatch.setattr(retention.purge, "strip_conversations", stops)
    with pytest.raises(KeyboardInterrupt):
        retention.purge_all(store, settings, NOW)
    monkeypatch.setattr(retention.purge, "strip_conversations", real)
    assert retention.purge_all(store, settings, NOW).conversations == 3
    assert count(store, Message) == 0


def test_the_audit_table_keeps_a_year_and_tells_of_the_purge(store, settings):
    for days in (400, 300):
        audit.record(store, Deed(CLI, "audit.read", NOW - days * DAY))
    assert retention.purge_all(store, settings, NOW).audit == 1
    with store.begin() as session:
        assert [row.action for row in session.scalars(select(Audit).order_by(Audit.id))] == ["audit.read", "purge.done"]


def test_a_shorter_audit_than_the_database_keeps_is_refused():
    with pytest.raises(SettingsError, match="180 jours"):
        replace(Settings(), keep_audit=100 * 86_400).checked()


def test_local_mails_go_by_their_age(store, settings):
    box = settings.var_dir / "mail" / "new"
    box.mkdir(parents=True)
    for name, days in (("old", 31), ("young", 29)):
        (box / name).write_text("x")
        os.utime(box / name, times=((NOW - days * DAY).timestamp(),) * 2)
    assert retention.purge_all(store, settings, NOW).mails == 1
    assert [path.name for path in box.iterdir()] == ["young"]


def test_a_person_gets_all_that_is_kept_and_nobody_elses(store, vault):
    one = talk(store, NOW - HOUR)
    case_of(store, vault, one)
    open_case(store, vault, reference="BBBB-3333", email="autre@exemple.fr")
    found = retention.export_person(store, vault, "Jeanne+1@exemple.fr", NOW)
    (case,) = found["cases"]
    assert case["reference"] == "ABCD-2345"
    assert case["forms"][0]["contact"]["email"] == "jeanne@exemple.fr"
    assert case["forms"][0]["summary"] == WRITTEN
    json.dumps(found)


def test_a_person_is_found_after_the_key_was_changed(store, vault):
    former, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    open_case(store, Vault([former]))
    found = retention.export_person(store, Vault([new, former]), "jeanne@exemple.fr", NOW)
    assert [case["reference"] for case in found["cases"]] == ["ABCD-2345"]
    assert retention.export_person(store, Vault([new]), "jeanne@exemple.fr", NOW)["cases"] == []


def test_a_person_is_erased_from_every_table(store, settings, vault, rasa, tmp_path):
    one = talk(store, NOW - HOUR)
    case_of(store, vault, one)
    open_case(store, vault, reference="BBBB-3333", email="autre@exemple.fr")
    rasa(one.id)
    assert retention.erase_person(store, settings, vault, "jeanne@exemple.fr", NOW) == 1
    assert held(store, settings) == set()
    assert (state_of(store, "ABCD-2345"), state_of(store, "BBBB-3333")) == ("purged", "open")
    assert retention.export_person(store, vault, "jeanne@exemple.fr", NOW)["cases"] == []
    with store.begin() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert WRITTEN not in str(tuple(row)), table.name


def test_every_table_says_what_it_keeps():
    assert set(retention.KEPT) == set(Base.metadata.tables)
    assert {kept.setting for kept in retention.KEPT.values() if kept.setting} <= {
        name for name in vars(Settings()) if name.startswith("keep_")
    }


def test_the_document_holds_the_table_of_the_code():
    told = CliRunner().invoke(app, ["privacy", "kept"]).stdout
    assert told.strip() in (ROOT / "docs/fr/donnees.md").read_text(encoding="utf-8")


def test_the_command_says_what_it_would_do_and_what_it_did(tmp_path):
    address = f"sqlite:///{tmp_path / 'guichet.db'}"
    store = open_store(address)
    migrate(store)
    talk(store, NOW - 30 * HOUR)
    store.close()
    env = {"GUICHET_VAR_DIR": str(tmp_path), "DATABASE_URL": ""}
    dry = CliRunner().invoke(app, ["purge", "--dry-run"], env=env)
    assert "vidées (leurs chiffres restent) : 1" in dry.stdout
    assert "Rien n'a été effacé" in dry.stdout
    assert "vidées (leurs chiffres restent) : 1" in CliRunner().invoke(app, ["purge"], env=env).stdout
    assert "Rien à effacer" in CliRunner().invoke(app, ["purge"], env=env).stdout
    assert WRITTEN.encode() not in (tmp_path / "guichet.db").read_bytes()
    wrong = CliRunner().invoke(app, ["person", "export", "jeanne"], env=env)
    assert wrong.exit_code == 1
    assert "adresse e-mail entière" in wrong.stderr


@pytest.mark.parametrize(
    ("said", "state"),
    [("OUI", "purged"), ("o", "purged"), ("non", "open"), ("peut-être\nn", "open"), ("\noui", "purged"), ("", "open")],
)
def test_a_person_is_erased_once_someone_said_yes_in_french(settings, tmp_path, said, state):
    store = open_store(f"sqlite:///{tmp_path / 'guichet.db'}")
    migrate(store)
    open_case(store, load_vault(settings))
    env = {"GUICHET_VAR_DIR": str(tmp_path), "DATABASE_URL": ""}
    told = CliRunner().invoke(app, ["person", "erase", "jeanne@exemple.fr"], input=said, env=env)
    assert state_of(store, "ABCD-2345") == state
    assert "oui/non" in told.stdout
    assert ("Répondez oui ou non." in told.stdout) == ("\n" in said)
    assert (told.exit_code, "Rien n'a été effacé" in told.stderr) == ((1, True) if state == "open" else (0, False))
    store.close()
