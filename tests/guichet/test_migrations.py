"""Each migration on a database with rows, on both engines: nothing is lost, and the tables are those of the code."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from guichet.store import Store, is_migrated, migrate, open_store
from guichet.store.engine import _migrations
from guichet.store.tables import Base

AT_0001 = """
INSERT INTO conversations (id, token_hash, created_at, expires_at, last_seq) VALUES ('c1', 't1', :now, :now, 2);
INSERT INTO turns (id, conversation_id, message_id, status, request, created_at)
    VALUES (1, 'c1', 'm1', 'done', '{}', :now);
INSERT INTO messages (conversation_id, seq, turn_id, sender, body, offers, created_at)
    VALUES ('c1', 1, 1, 'user', '{"text": "bonjour"}', '{}', :now);
INSERT INTO handoffs (id, conversation_id, contact, departement, summary, verified, consent_at)
    VALUES ('h1', 'c1', 'x', '49', 'résumé', :no, :now), ('h2', 'c1', 'x', '49', 'suite', :no, :now),
           ('h3', 'c3', 'x', '53', 'autre', :yes, :now);
INSERT INTO cases (id, reference, handoff_id, caisse, state, transcript, created_at)
    VALUES (1, 'ABCD-2345', 'h1', 'cpam_49', 'open', '[]', :now), (2, 'WXYZ-6789', 'h3', 'cpam_53', 'open', '[]', :now);
INSERT INTO outbox (id, case_id, kind, state, attempts, due_at, message_id, last_error, created_at, sent_at)
    VALUES (1, 1, 'case', 'sent', 1, :now, 'a', NULL, :now, :now),
           (2, 1, 'receipt', 'retry', 3, :now, 'b', 'x', :now, NULL),
           (3, 2, 'case', 'dead', 24, :now, 'c', 'x', :now, NULL);
INSERT INTO staff (id, login, name, role, password_hash, must_change, disabled, created_at)
    VALUES (1, 'camille', 'Camille', 'agent', 'h', :no, :no, :now),
           (2, 'alix', 'Alix', 'supervisor', 'h', :yes, :no, :now),
           (3, 'sacha', 'Sacha', 'agent', 'h', :no, :yes, :now);
INSERT INTO staff_sessions (token_hash, staff_id, csrf, created_at, seen_at) VALUES ('s1', 1, 'c', :now, :now)
"""
AT_0002 = """
INSERT INTO additions (handoff_id, case_id, created_at) VALUES ('h2', 1, :now);
INSERT INTO outbox (id, case_id, handoff_id, kind, state, attempts, due_at, message_id, created_at)
    VALUES (4, 1, 'h2', 'case', 'pending', 0, :now, 'd', :now)
"""


@pytest.fixture
def store(database):
    opened = open_store(database)
    yield opened
    opened.close()


def run(store: Store, statements: str) -> None:
    with store.begin() as session:
        for statement in statements.split(";"):
            session.execute(text(statement), {"now": "2025-11-22 12:00:00+00:00", "yes": True, "no": False})


def rows(store: Store, query: str) -> list[tuple]:
    with store.begin() as session:
        return [tuple(row) for row in session.execute(text(query))]


def counts(store: Store) -> dict[str, int]:
    tables = ("conversations", "turns", "messages", "handoffs", "cases", "outbox", "staff", "staff_sessions")
    return {table: rows(store, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def test_0002_ties_each_mail_to_the_form_of_its_case(store):
    migrate(store, "0001")
    run(store, AT_0001)
    before = counts(store)
    migrate(store, "0002")
    assert counts(store) == before
    mails = rows(store, "SELECT id, handoff_id, kind, state, attempts, message_id, last_error FROM outbox ORDER BY id")
    assert mails == [
        (1, "h1", "case", "sent", 1, "a", None),
        (2, "h1", "receipt", "retry", 3, "b", "x"),
        (3, "h3", "case", "dead", 24, "c", "x"),
    ]
    run(store, AT_0002)


def test_0003_takes_nothing_away_from_the_agents_of_before(store):
    migrate(store, "0001")
    run(store, AT_0001)
    migrate(store, "0002")
    run(store, AT_0002)
    before = counts(store)
    migrate(store, "0003")
    assert counts(store) == before
    assert rows(store, "SELECT staff_id, caisse FROM staff_caisses ORDER BY staff_id") == [(1, "toutes"), (3, "toutes")]
    assert rows(store, "SELECT id, totp_secret, totp_step, totp_failures FROM staff ORDER BY id") == [
        (1, None, None, 0), (2, None, None, 0), (3, None, None, 0)
    ]  # fmt: skip
    assert rows(store, "SELECT token_hash, staff_id, second_factor FROM staff_sessions") == [("s1", 1, False)]
    assert rows(store, "SELECT handoff_id FROM additions") == [("h2",)]


def test_0003_can_be_undone_and_done_again(store):
    migrate(store, "0001")
    run(store, AT_0001)
    migrate(store)
    before = counts(store)
    config = _migrations()
    with store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    assert counts(store) == before
    assert not is_migrated(store)
    migrate(store)
    assert counts(store) == before
    assert is_migrated(store)


def test_the_migrations_make_the_tables_of_the_code(store):
    migrate(store)
    with store.begin() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_without_tables_is_not_migrated(store):
    assert not is_migrated(store)
