"""The dashboard: figures of a small set counted by hand, former period, CSV, charts under our policy."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from console.measures import days
from console.periods import Period
from guichet.store import conversations, figures, migrate, open_store
from guichet.store.tables import Case
from tests.console.builders import NOON, add_staff, entries, open_case, text_of
from tests.console.talks import Talk, bot
from tests.postgres import fresh_database

CARD, REFUND = "carte_vitale_perte_vol", "suivi_remboursement"
SINCE, UNTIL = NOON - timedelta(days=6), NOON + timedelta(days=1)


def play(store) -> None:
    """Three conversations yesterday, one ten days ago."""
    yesterday = NOON - timedelta(days=1)
    first = Talk(store, yesterday)
    seq = first.asks("j'ai perdu ma carte", CARD, links=("perte_vol_carte_vitale",))
    conversations.add_click(store, first.id, seq, "perte_vol_carte_vitale", first.at)
    first.yes()
    second = Talk(store, yesterday)
    seq = second.asks("mon remboursement", REFUND)
    conversations.add_feedback(store, second.id, seq, "pas_claire", second.at)
    second.no()
    second.misunderstood("et le truc ?", REFUND, CARD)
    second.turn("", "soumettre_dossier", bot("handoff_done"), choice=True)
    third = Talk(store, yesterday)
    third.turn("ma carte", "clarification", bot("clarify"))
    third.asks("Carte perdue", CARD, choice=True)
    third.asks("et mon remboursement", REFUND)
    third.turn("merci", "remerciement", bot("smalltalk"))
    third.turn("la caf", "hors_sujet", bot("out_of_scope"))
    third.turn("stop", "arret", bot("notice"), bot("handoff_offer"))
    former = Talk(store, NOON - timedelta(days=10))
    former.asks("perdue", CARD)


def set_case(store, reference: str, **values) -> None:
    with store.begin() as session:
        session.execute(update(Case).where(Case.reference == reference).values(**values))


def row(answer, name: str) -> str:
    """What stands after a name on the page."""
    return text_of(answer).partition(name)[2][:60]


def check(found) -> None:
    assert found.conversations == 3
    assert found.messages == 12
    assert dict(found.outcomes) == {
        "answered": 4, "talk": 2, "failed": 2, "handed_off": 1, "clarified": 1, "elsewhere": 1, "suspended": 1
    }  # fmt: skip
    card, refund = found.themes[CARD], found.themes[REFUND]
    assert (card.yes, card.no, card.more, card.silent) == (1, 0, 1, 0)
    assert (refund.yes, refund.no, refund.more, refund.silent) == (0, 1, 0, 1)
    assert (found.resolution.answers, found.resolution.resolved) == (4, 2)
    assert found.clicks == {"perte_vol_carte_vitale": 1}
    assert found.feedback == {"pas_claire": 1}
    assert (found.cases, found.closed) == (2, 1)
    assert found.median_wait == 7200
    assert found.reasons == {"no_theme": 1}


def with_cases(store, vault) -> None:
    play(store)
    opened = NOON - timedelta(days=2)
    open_case(store, vault, reference="AAAA-2222", now=opened)
    open_case(store, vault, reference="BBBB-3333", now=opened)
    replied = opened + timedelta(hours=2)
    set_case(store, "AAAA-2222", first_reply_at=replied, closed_at=replied, reason="no_theme", state="closed")


def test_the_figures_are_those_counted_by_hand(store, vault):
    with_cases(store, vault)
    check(figures.figures(store, SINCE, UNTIL))


def test_they_are_the_same_on_postgresql(vault):
    with fresh_database() as url:
        store = open_store(url)
        migrate(store)
        with_cases(store, vault)
        check(figures.figures(store, SINCE, UNTIL))
        assert figures.unanswered(store, SINCE)[1] == 2
        assert figures.avoidable(store, SINCE, ("personal",)) == {(CARD, "no_theme"): 1}
        store.close()


def test_the_page_shows_them_beside_those_of_the_former_period(supervisor, store, vault):
    with_cases(store, vault)
    answer = supervisor.get("/tableau")
    assert answer.status_code == 200
    assert row(answer, " Conversations ").startswith("3 avant : 1")
    assert row(answer, "Réponses résolues ").startswith("50 % avant : 100 %")
    assert row(answer, "Satisfaction ").startswith("50 % avant : —")
    assert row(answer, "délai médian ").startswith("2 heures avant : —")
    assert "Carte Vitale perdue ou volée 2 1 0 1 0 50 %" in text_of(answer)
    assert "Aucun thème ne traite ce sujet 1 0" in text_of(answer)
    assert "Pas claire 1 0" in text_of(answer)
    assert row(supervisor.get("/tableau?periode=30"), " Conversations ").startswith("4 avant : 0")


@pytest.mark.parametrize("query", ["", "?periode=30", "?periode=90", "?periode=x", "?periode=-1"])
def test_an_empty_database_has_a_page(supervisor, query):
    answer = supervisor.get(f"/tableau{query}")
    assert answer.status_code == 200
    assert "Aucun message pendant cette période" in text_of(answer)
    assert supervisor.get(f"/tableau.csv{query}").status_code == 200


def test_a_day_begins_at_midnight_in_france(store):
    Talk(store, NOON.replace(hour=22, minute=58)).asks("x", CARD)  # 23 h 59 there
    Talk(store, NOON.replace(hour=22, minute=59)).asks("x", CARD)  # midnight
    period = Period(2, (NOON + timedelta(days=1)).date())
    assert [one["talks"] for one in days(figures.figures(store, period.since, period.until), period)] == [1, 1]


def test_charts_need_no_inline_style_nor_script(supervisor, store):
    play(store)
    page = supervisor.get("/tableau").text
    assert page.count('<svg role="img"') == 3
    assert "<style" not in page
    assert "<script" not in page
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"<svg[^>]*\sid=", page)


def test_the_csv_holds_the_same_figures(supervisor, store, vault):
    with_cases(store, vault)
    answer = supervisor.get("/tableau.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="tableau-2025-11-16-2025-11-22.csv"' in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert ["Ensemble", "", "Conversations", "3", "1"] in rows
    assert ["Ensemble", "", "Satisfaction", "0,500", ""] in rows
    assert ["Sujets", "Carte Vitale perdue ou volée", "Autre question", "1", "0"] in rows
    assert ["Jours", "2025-11-21", "Conversations", "3", "0"] in rows
    assert len(rows) > 60


def test_a_theme_that_looks_like_a_formula_is_not_run(supervisor, store):
    Talk(store, NOON - timedelta(hours=1)).asks("x", "=1+1")
    assert b'"\'=1+1"' in supervisor.get("/tableau.csv").content


def test_reading_and_exporting_are_in_the_audit_table(supervisor, store):
    supervisor.get("/tableau?periode=30")
    supervisor.get("/tableau.csv")
    assert [(one.action, one.detail) for one in entries(store)[-2:]] == [
        ("dashboard.read", "30 jours"), ("dashboard.exported", "7 jours")
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["agent", "author"])
def test_neither_agents_nor_authors_see_it(browser, store, role):
    browser.is_signed_in(store, add_staff(store, role=role))
    assert browser.get("/tableau").status_code == 403
    assert browser.get("/tableau.csv").status_code == 403
