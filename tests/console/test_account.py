"""One's own account: what it shows, another password, and every session ended."""

from __future__ import annotations

import pytest

from guichet.store import staff as rows
from tests.console.builders import PASSWORD, add_staff, entries, text_of

NEW = "cinq autres mots encore"


def changes(browser, actuel: str = PASSWORD, nouveau: str = NEW, encore: str | None = None):
    fields = {"actuel": actuel, "nouveau": nouveau, "encore": nouveau if encore is None else encore}
    return browser.send("/mot-de-passe", "/mot-de-passe", **fields)


def test_it_tells_who_one_is_and_which_caisses_one_sees(browser, store):
    browser.is_signed_in(store, add_staff(store, caisses=("cpam_53", "cpam_49")))
    shown = text_of(browser.get("/compte"))
    for expected in (
        "Nom Camille Durand",
        "Identifiant camille",
        "Rôle conseiller",
        "Caisses CPAM de Maine-et-Loire, CPAM de la Mayenne",
        "Pas encore active",
        "Vous êtes connecté dans 1 navigateur,",
    ):
        assert expected in shown


@pytest.mark.parametrize(
    ("role", "caisses", "said"),
    [("agent", ("toutes",), "Toutes"), ("agent", (), "Aucune"), ("agent", ("par_defaut",), "Caisse à déterminer"),
     ("supervisor", (), "Toutes"), ("admin", (), "Toutes")],
)  # fmt: skip
def test_caisses_have_their_words(browser, store, role, caisses, said):
    browser.is_signed_in(store, add_staff(store, role=role, caisses=caisses))
    assert f"Caisses {said}" in text_of(browser.get("/compte"))


def test_an_author_sees_no_case(browser, store):
    add_staff(store, role="author")
    assert browser.sign_in().headers["location"] == "/auteurs"
    shown = browser.get("/compte")
    assert "Caisses" not in text_of(shown)
    assert 'href="/"' not in shown.text
    refused = browser.get("/")
    assert refused.status_code == 403
    assert 'href="/auteurs">Revenir à l’accueil' in refused.text


class TestPassword:
    def test_another_one_ends_the_other_browsers_and_keeps_this_one(self, agent, console, store):
        other = console()
        other.is_signed_in(store, rows.find(store, "camille"))
        former = agent.http.cookies["guichet_console"]
        answer = changes(agent)
        assert answer.headers["location"] == "/?avis=mot-de-passe"
        assert agent.http.cookies["guichet_console"] != former
        assert agent.get("/").status_code == 200
        assert other.get("/").status_code == 303
        assert other.sign_in().status_code == 401
        assert other.sign_in(password=NEW).status_code == 303

    def test_it_asks_the_present_one(self, agent, store):
        answer = changes(agent, actuel="pas le bon mot")
        assert answer.status_code == 422
        assert "Ce n’est pas votre mot de passe actuel." in text_of(answer)
        assert entries(store)[-1].action == "password.refused"
        agent.sign_out()
        assert agent.sign_in().status_code == 303

    def test_the_present_one_is_not_guessed_from_an_open_session(self, agent):
        answers = [changes(agent, actuel="pas le bon mot") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert "Attendez 15 secondes" in text_of(answers[-1])

    def test_a_poor_one_is_refused(self, agent):
        assert "Écrivez au moins 12 caractères" in text_of(changes(agent, nouveau="court"))
        assert "Les deux mots de passe sont différents." in text_of(changes(agent, encore="autre chose"))


def test_every_session_can_be_ended_at_once(agent, console, store):
    other, person = console(), rows.find(store, "camille")
    other.is_signed_in(store, person)
    assert "dans 2 navigateurs" in text_of(agent.get("/compte"))
    answer = agent.send("/compte", "/deconnexion/partout")
    assert answer.headers["location"] == "/connexion?avis=partout"
    assert "Toutes vos sessions sont fermées" in text_of(agent.get("/connexion?avis=partout"))
    assert agent.get("/").status_code == 303
    assert other.get("/").status_code == 303
    assert entries(store)[-1].action == "signin.ended_everywhere"
