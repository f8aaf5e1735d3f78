"""The authors' page: what was not understood, what was refused, and why."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from guichet.store import conversations
from tests.console.builders import NOON, add_staff, entries, open_case, text_of
from tests.console.talks import Talk
from tests.console.test_dashboard import CARD, REFUND, set_case


@pytest.fixture
def author(browser, store):
    browser.is_signed_in(store, add_staff(store, "sacha", role="author", name="Sacha Leroy"))
    return browser


@pytest.fixture
def played(store) -> None:
    talk = Talk(store, NOON - timedelta(hours=3))
    talk.asks("j'ai perdu ma carte", CARD)
    talk.yes()
    talk.misunderstood("le bidule [numéro de sécurité sociale]", REFUND, CARD)
    seq = talk.asks("et mon argent", REFUND, reason="*suivi_remboursement* 61 %", ranking=[
        {"name": REFUND, "confidence": 0.61}])  # fmt: skip
    conversations.add_feedback(store, talk.id, seq, "incomplete", talk.at)
    talk.no()
    old = Talk(store, NOON - timedelta(days=20))
    old.misunderstood("ancien message", CARD)


def test_both_kinds_are_listed_with_their_explanation(author, played):
    shown = text_of(author.get("/auteurs"))
    assert "2 messages" in shown
    assert "le bidule [numéro de sécurité sociale] non compris proche de : Suivre un remboursement" in shown
    assert "pas compris (pas sûr), le plus proche est « Suivre un remboursement »" in shown
    assert ": 30 %, " in shown
    assert "et mon argent réponse refusée" in shown
    assert "Avis : Réponse incomplète" in shown
    assert "« Suivre un remboursement » 61 %" in shown
    assert "j'ai perdu ma carte" not in shown


def test_it_is_filtered_by_kind_theme_and_period(author, played):
    assert "et mon argent" not in text_of(author.get("/auteurs?quoi=misunderstood"))
    assert "le bidule" not in text_of(author.get("/auteurs?quoi=refused"))
    assert "2 messages" in text_of(author.get(f"/auteurs?sujet={REFUND}"))
    assert "Aucun message ne correspond" in text_of(author.get(f"/auteurs?sujet={CARD}"))
    assert "ancien message" in text_of(author.get(f"/auteurs?sujet={CARD}&periode=30"))


@pytest.mark.parametrize("query", ["", "quoi=x", "sujet=%00", "sujet='", "periode=x", "sujet=" + "x" * 300])
def test_an_empty_database_has_a_page_whatever_is_asked(author, query):
    assert author.get(f"/auteurs?{query}").status_code == 200
    assert author.get(f"/auteurs.csv?{query}").status_code == 200


def test_it_goes_by_pages_and_keeps_the_filters(author, store):
    talk = Talk(store, NOON - timedelta(hours=5))
    for n in range(26):
        talk.misunderstood(f"message-{n:02}", CARD)
    first = author.get("/auteurs?quoi=misunderstood")
    assert 'href="/auteurs?periode=7&amp;quoi=misunderstood&amp;page=2"' in first.text
    second = text_of(author.get("/auteurs?quoi=misunderstood&page=2"))
    assert "message-00" in second
    assert "message-01" not in second
    assert author.get("/auteurs?page=3").status_code == 404


def test_the_csv_runs_no_formula(author, store):
    Talk(store, NOON - timedelta(hours=1)).misunderstood("=cmd|'/c calc'!A1", CARD)
    answer = author.get("/auteurs.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:3] == ["2025-11-22", "12 h 01", "Non compris"]
    assert rows[1][4] == "'=cmd|'/c calc'!A1"
    assert rows[1][6] == "Carte Vitale perdue ou volée 30\u00a0%"


def test_what_people_typed_is_shown_as_text(author, store):
    Talk(store, NOON - timedelta(hours=1)).misunderstood("<script>alert(1)</script>\u202e", "<b>x</b>")
    page = author.get("/auteurs").text
    assert "<script>" not in page
    assert "<b>" not in page
    assert "\u202e" not in page


def test_cases_that_better_content_would_have_spared_are_counted(author, store, vault):
    for reference, reason in (("AAAA-2222", "unclear"), ("BBBB-3333", "unclear"), ("CCCC-4444", "personal")):
        open_case(store, vault, reference=reference)
        set_case(store, reference, closed_at=NOON, reason=reason, state="closed")
    shown = text_of(author.get("/auteurs"))
    assert "Carte Vitale perdue ou volée La réponse du bot n’est pas assez claire 2" in shown
    assert "dossier personnel" not in shown


def test_reading_and_exporting_are_in_the_audit_table(author, store, played):
    author.get("/auteurs")
    author.get("/auteurs.csv")
    assert [(one.action, one.detail) for one in entries(store)[-2:]] == [
        ("authors.read", "page 1"), ("authors.exported", "2 lignes")
    ]  # fmt: skip


def test_an_agent_does_not_see_it(agent):
    assert agent.get("/auteurs").status_code == 403
    assert agent.get("/auteurs.csv").status_code == 403


def test_an_author_arrives_there(browser, store):
    add_staff(store, "sacha", role="author")
    assert browser.sign_in("sacha").headers["location"] == "/auteurs"
