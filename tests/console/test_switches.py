"""The page that stops the bot, a theme or a téléservice."""

from __future__ import annotations

import pytest

from guichet.audit import Deed
from guichet.store import StoreUnavailable, switches
from tests.console.builders import NOON, add_staff, entries, text_of, token_of

THEME = "carte_vitale_perte_vol"
FORM = {
    "quoi": f"theme:{THEME}",
    "message": "Les règles changent.\n\nAppelez le [36 46](tel:3646).",
    "commentaire": "Arrêté du 20 novembre",
    "duree": "",
}


def stop(browser, **changes):
    return browser.send("/arrets", "/arrets", **FORM | changes)


def test_nothing_is_off_at_first(supervisor):
    assert "Rien n’est arrêté." in text_of(supervisor.get("/arrets"))


def test_what_is_stopped_is_told_with_its_message_comment_author_and_day(supervisor, store, clock):
    answer = stop(supervisor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/arrets?avis=arrete")
    shown = text_of(supervisor.get("/arrets?avis=arrete"))
    assert "C’est arrêté." in shown
    assert "Sujet : Carte Vitale perdue ou volée" in shown
    assert "Appelez le" in shown
    assert "Arrêté du 20 novembre" in shown
    assert "dominique, 22 novembre 2025 à 13 h 00" in shown
    off = switches.off(store, clock())
    assert off.themes == {THEME: FORM["message"]}
    assert off.bot is None


def test_it_is_restored_in_one_click_and_stays_in_the_history(supervisor, store, clock):
    stop(supervisor)
    answer = supervisor.send("/arrets", "/arrets/retablir", quoi=FORM["quoi"])
    assert answer.headers["location"] == "/arrets?avis=retabli"
    assert switches.off(store, clock()).themes == {}
    shown = text_of(supervisor.get("/arrets"))
    assert "Rien n’est arrêté." in shown
    assert "Le dernier arrêt terminé" in shown
    again = supervisor.send("/arrets", "/arrets/retablir", quoi=FORM["quoi"])
    assert again.headers["location"] == "/arrets?avis=deja"


def test_both_are_in_the_audit_table_with_the_comment(supervisor, store):
    stop(supervisor, quoi="bot:")
    supervisor.send("/arrets", "/arrets/retablir", quoi="bot:")
    rows = [row for row in entries(store) if row.action.startswith("switch.")]
    assert [(row.who, row.action, row.target, row.detail) for row in rows] == [
        ("dominique", "switch.stopped", "bot:", "Arrêté du 20 novembre"),
        ("dominique", "switch.restored", "bot:", ""),
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("quoi", "", "Choisissez ce qu’il faut arrêter."),
        ("quoi", "theme:urgence_suicide", "Choisissez ce qu’il faut arrêter."),
        ("quoi", "theme:salutation", "Choisissez ce qu’il faut arrêter."),
        ("message", " \n ", "Écrivez ce que les assurés doivent savoir"),
        ("message", "x" * 501, "dépasse 500 caractères"),
        ("commentaire", "", "Écrivez pourquoi"),
        ("duree", "9999999", "Choisissez une durée"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(supervisor, store, clock, field, value, said):
    answer = stop(supervisor, **{field: value})
    assert answer.status_code == 422
    assert said in text_of(answer)
    kept = next(name for name in ("message", "commentaire") if name != field)
    assert FORM[kept].splitlines()[0] in answer.text
    assert switches.active(store, clock()) == []


def test_it_ends_by_itself(supervisor, store, clock):
    stop(supervisor, duree="4")
    assert "automatique, 22 novembre 2025 à 17 h 00" in text_of(supervisor.get("/arrets"))
    clock.forward(hours=4)
    assert switches.off(store, clock()).themes == {}
    ended = switches.ended(store, clock(), 5)
    assert [row.restored_by for row in ended] == [None]


def test_stopping_again_replaces_the_message(supervisor, store, clock):
    stop(supervisor)
    stop(supervisor, message="Autre chose.")
    assert switches.off(store, clock()).themes == {THEME: "Autre chose."}
    assert len(switches.active(store, clock())) == 1
    assert len(switches.ended(store, clock(), 5)) == 1


def test_what_content_no_longer_has_can_still_be_restored(supervisor, store, clock):
    gone = Deed("dominique", "switch.stopped", NOON)
    switches.stop(store, what="theme", target="disparu", message="m", comment="c", until=None, deed=gone)
    assert "Sujet : disparu" in text_of(supervisor.get("/arrets"))
    supervisor.send("/arrets", "/arrets/retablir", quoi="theme:disparu")
    assert switches.active(store, clock()) == []


def test_what_staff_typed_is_shown_as_text(supervisor):
    stop(supervisor, message="<b>gras</b>", commentaire="<script>alert(1)</script>")
    page = supervisor.get("/arrets").text
    assert "<script>" not in page
    assert "<b>gras" not in page


def test_an_agent_and_an_author_cannot(browser, store, clock):
    for login, role in (("camille", "agent"), ("sacha", "author")):
        token = browser.is_signed_in(store, add_staff(store, login, role=role))
        assert browser.get("/arrets").status_code == 403
        assert browser.http.post("/arrets", data={"jeton": token} | FORM).status_code == 403
    assert switches.active(store, clock()) == []


def test_nothing_is_stopped_when_the_audit_table_cannot_be_written(supervisor, store, clock, monkeypatch):
    page = supervisor.get("/arrets").text

    def broken(session, deed):
        raise StoreUnavailable("full")

    monkeypatch.setattr("guichet.store.audit.add", broken)
    answer = supervisor.http.post("/arrets", data={"jeton": token_of(page)} | FORM)
    assert answer.status_code == 503
    assert switches.active(store, clock()) == []
