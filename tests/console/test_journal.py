"""The pages of the audit table and of the team; and what sign-ins leave in the table."""

from __future__ import annotations

import pytest

from guichet.audit import ACTIONS, CLI, Deed
from guichet.store import StoreUnavailable, audit
from tests.console.builders import NOON, add_staff, entries, open_case, text_of


def write(store, action: str = "case.shown", who: str = "camille", target: str = "ABCD-2345", **more) -> None:
    audit.record(store, Deed(who, action, more.pop("at", NOON), target=target, **more))


def lines(answer) -> str:
    """The table's rows, without the filters."""
    return text_of(answer).partition(" Adresse ")[2]


def test_a_row_tells_who_what_on_what_when_and_from_where(supervisor, store):
    write(store, address="192.0.2.7", detail="page 3")
    shown = text_of(supervisor.get("/journal"))
    assert "Dossier vu page 3 camille ABCD-2345 22 novembre 2025 à 13 h 00 192.0.2.7" in shown


def test_it_is_filtered_by_person_case_action_and_period(supervisor, store, clock):
    write(store)
    write(store, who="alix", target="WXYZ-6789")
    write(store, "staff.disabled", who=CLI, target="camille")
    clock.forward(days=8)
    supervisor.is_signed_in(store, add_staff(store, "sacha", role="admin"))
    supervisor.http.cookies.clear()
    supervisor.sign_in("sacha")
    by_person = lines(supervisor.get("/journal?personne=Camille"))
    assert "Compte désactivé cli camille" in by_person
    assert "ABCD-2345" in by_person
    assert "alix" not in by_person
    by_case = lines(supervisor.get("/journal?dossier=wxyz-6789"))
    assert "alix" in by_case
    assert "ABCD-2345" not in by_case
    by_action = lines(supervisor.get("/journal?action=staff.disabled"))
    assert "cli camille" in by_action
    assert "alix" not in by_action
    recent = lines(supervisor.get("/journal?periode=7"))
    assert "Connexion sacha" in recent
    assert "alix" not in recent


@pytest.mark.parametrize("query", ["personne=%00", "personne=é", "dossier='", "action=x&periode=x", "periode=-1"])
def test_any_filter_can_be_asked(supervisor, query):
    assert supervisor.get(f"/journal?{query}").status_code == 200


def test_a_filter_that_finds_nothing_says_so(supervisor):
    assert "Aucune ligne ne correspond à ces filtres." in text_of(supervisor.get("/journal?personne=personne"))


def test_it_goes_by_pages_and_keeps_the_filters(supervisor, store):
    for n in range(51):
        write(store, target=f"dossier-{n:02}")
    first = supervisor.get("/journal?personne=camille&action=case.shown")
    assert "51 lignes" in text_of(first)
    assert 'href="/journal?personne=camille&amp;action=case.shown&amp;page=2"' in first.text
    second = supervisor.get("/journal?personne=camille&action=case.shown&page=2")
    assert "dossier-00" in text_of(second)
    assert supervisor.get("/journal?personne=camille&page=3").status_code == 404


def test_every_action_has_its_words(supervisor, store):
    for action in ACTIONS:
        write(store, action)
    shown = text_of(supervisor.get("/journal"))
    for words in ACTIONS.values():
        assert f"{words} camille" in shown


def test_what_a_row_holds_is_text(supervisor, store):
    write(store, who="<img src=x>", target="<script>", detail="<b>")
    page = supervisor.get("/journal").text
    assert "<img" not in page
    assert "<script" not in page


def test_reading_it_is_written_too(supervisor, store):
    supervisor.get("/journal")
    row = entries(store)[-1]
    assert (row.who, row.action) == ("dominique", "audit.read")


def test_the_team_shows_rights_and_what_is_missing(supervisor, store, vault):
    add_staff(store, "alix", caisses=("cpam_49",), name="Alix", vault=vault)
    add_staff(store, "bo", role="author", name="Bo", must_change=True)
    shown = text_of(supervisor.get("/equipe"))
    assert "alix Alix conseiller CPAM de Maine-et-Loire actif" in shown
    assert "bo Bo auteur Sans objet mot de passe provisoire" in shown
    assert "dominique Dominique Petit superviseur Toutes sans double authentification" in shown


class TestWhatIsWritten:
    def test_sign_ins_refusals_and_the_end(self, browser, store):
        add_staff(store)
        browser.sign_in(password="pas le bon mot")
        browser.sign_in()
        browser.sign_out()
        told = [(row.who, row.action, row.target) for row in entries(store)[1:]]
        assert told == [
            ("", "signin.password_refused", "camille"),
            ("camille", "signin.done", ""),
            ("camille", "cases.listed", ""),
            ("camille", "signin.ended", ""),
        ]

    def test_a_login_that_nobody_has_is_not_kept_it_may_be_a_password(self, browser, store):
        browser.sign_in("monmotdepasse.secret", "x")
        row = entries(store)[-1]
        assert (row.who, row.action, row.target, row.detail) == ("", "signin.password_refused", "", "")

    def test_a_case_shown_and_one_refused_have_their_reference(self, browser, store, vault):
        open_case(store, vault)
        browser.is_signed_in(store, add_staff(store, caisses=("cpam_53",)))
        browser.get("/dossiers/abcd-2345")
        browser.is_signed_in(store, add_staff(store, "alix", caisses=("cpam_49",)))
        browser.get("/dossiers/ABCD-2345")
        told = [(row.who, row.action, row.target) for row in entries(store)[-3:] if row.action != "staff.added"]
        assert told == [("camille", "case.refused", "ABCD-2345"), ("alix", "case.shown", "ABCD-2345")]

    def test_a_page_that_a_role_may_not_open_is_written_by_its_route(self, agent, store):
        agent.get("/courrier/nom-de-quelqu-un")
        row = entries(store)[-1]
        assert (row.action, row.detail) == ("access.refused", "GET /courrier/<key:str>")

    def test_a_form_that_is_not_ours_is_written(self, agent, store):
        agent.http.post("/deconnexion", data={"jeton": "x"})
        row = entries(store)[-1]
        assert (row.who, row.action, row.detail) == ("camille", "form.refused", "POST /deconnexion")

    def test_nothing_is_shown_that_could_not_be_written(self, agent, store, vault, monkeypatch):
        open_case(store, vault)

        def full(*_):
            raise StoreUnavailable("disk full")

        monkeypatch.setattr(audit, "record", full)
        answer = agent.get("/dossiers/ABCD-2345")
        assert answer.status_code == 503
        assert "Jeanne" not in answer.text

    def test_no_personal_text_is_ever_written(self, supervisor, store, vault, settings):
        from tests.console.test_courrier import deliver

        open_case(store, vault, summary="Secret de Jeanne")
        key = deliver(settings, Subject="Jeanne Martin", text="Secret de Jeanne")
        for path in ("/", "/dossiers/ABCD-2345", "/courrier", f"/courrier/{key}", "/equipe", "/dossiers/jeanne"):
            supervisor.get(path)
        supervisor.get("/journal?personne=jeanne@exemple.fr&dossier=Jeanne")
        written = "".join(repr(vars(row)) for row in entries(store))
        assert "Jeanne" not in written
        assert "jeanne" not in written
