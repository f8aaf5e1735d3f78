"""`bin/guichet demo`: two believable weeks, once, and never among real people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from channels.mail.__main__ import make_relay
from guichet import demo
from guichet.cli import app
from guichet.content import load_content
from guichet.privacy import load_vault, redact
from guichet.settings import Settings
from guichet.store import figures, migrate, open_store
from guichet.store.tables import Case, Conversation, Message, Outbox
from tests.console.talks import Talk

NOW = datetime(2026, 5, 28, 15, 0, tzinfo=UTC)


@pytest.fixture
def short(monkeypatch) -> None:
    monkeypatch.setattr(demo, "DAYS", 2)


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("GUICHET_VAR_DIR", str(tmp_path))
    return Settings(var_dir=tmp_path)


@pytest.fixture
def store(settings):
    store = open_store(settings.database)
    migrate(store)
    yield store
    store.close()


def count(store, table) -> int:
    with store.begin() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_it_fills_every_figure_and_repeats_nothing(store, settings, monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 8)
    content, vault = load_content(settings.data_dir), load_vault(settings)
    filled = demo.fill(store, content, vault, NOW)
    found = figures.figures(store, NOW - timedelta(days=9), NOW)
    assert filled.conversations == found.conversations > 150
    assert {"answered", "clarified", "failed", "handed_off"} <= set(found.outcomes)
    assert len(found.themes) > 30
    assert found.resolution.yes
    assert found.clicks
    assert found.feedback
    assert found.cases == filled.cases > 5
    assert found.waits
    assert found.reasons
    assert figures.unanswered(store, NOW - timedelta(days=9))[1] > 10
    rows = [count(store, table) for table in (Conversation, Message, Case, Outbox)]
    assert demo.fill(store, content, vault, NOW).conversations == 0
    assert [count(store, table) for table in (Conversation, Message, Case, Outbox)] == rows
    later = demo.fill(store, content, vault, NOW + timedelta(days=1))
    assert 0 < later.conversations < 80
    with store.begin() as session:
        said = [row.body["text"] for row in session.scalars(select(Message).where(Message.sender == "user"))]
    assert [text for text in said if redact(text).kinds] == []


def test_the_command_tells_what_it_did_and_may_be_run_again(short, settings):
    first = CliRunner().invoke(app, ["demo"])
    assert first.exit_code == 0, first.output
    assert "conversations" in first.output
    assert "demo-superviseur" in first.output
    again = CliRunner().invoke(app, ["demo"])
    assert again.exit_code == 0
    assert "mot de passe provisoire" not in again.output


def test_the_demonstration_is_completed_after_a_purge(short, settings, store):
    assert CliRunner().invoke(app, ["demo"]).exit_code == 0
    purged = CliRunner().invoke(app, ["purge"], env={"GUICHET_KEEP_CONVERSATIONS": "60"})
    assert "Conversations vidées" in purged.output
    assert CliRunner().invoke(app, ["demo"]).exit_code == 0


def test_a_database_with_real_conversations_is_left_alone(short, settings, store):
    Talk(store, NOW).asks("une vraie question", "ceam")
    before = count(store, Conversation)
    refused = CliRunner().invoke(app, ["demo"])
    assert refused.exit_code == 1
    assert "De vraies conversations" in refused.output
    assert count(store, Conversation) == before
    assert CliRunner().invoke(app, ["demo", "--force"]).exit_code == 0
    assert count(store, Conversation) > before


def test_the_relay_puts_its_mails_in_the_local_maildir(settings, store, monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 8)
    demo.fill(store, load_content(settings.data_dir), load_vault(settings), NOW)
    written = count(store, Outbox)
    assert written > 0
    make_relay(settings, store).drain()
    with store.begin() as session:
        assert session.scalars(select(Outbox.state)).all() == ["sent"] * written


def test_no_invented_mail_can_leave(short, settings, monkeypatch):
    monkeypatch.setenv("GUICHET_MAIL_TRANSPORT", "smtp")
    refused = CliRunner().invoke(app, ["demo"])
    assert refused.exit_code == 1
    assert "mails inventés partiraient" in refused.output
