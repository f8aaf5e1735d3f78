"""Signing in: right, wrong, too often, for the first time; and how long it lasts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from guichet import staff
from guichet.audit import CLI, Deed
from guichet.store import staff as rows
from guichet.store.tables import StaffSession
from tests.console.builders import NOON, PASSWORD, Browser, add_staff, text_of, token_of


def sessions(store) -> int:
    with store.begin() as session:
        return session.scalar(select(func.count()).select_from(StaffSession))


def test_the_right_password_opens_the_list(browser, store):
    add_staff(store)
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Dossiers" in text_of(browser.get("/"))


def test_case_and_spaces_around_a_login_do_not_matter(browser, store):
    add_staff(store)
    assert browser.sign_in("  Camille ").status_code == 303


@pytest.mark.parametrize("login", ["camille", "personne", "", "x" * 500, "cam\x00ille", "' OR 1=1 --"])
def test_a_wrong_login_or_password_says_the_same_thing(browser, store, login):
    add_staff(store)
    answer = browser.sign_in(login, "pas le bon mot")
    assert answer.status_code == 401
    assert "L’identifiant ou le mot de passe ne convient pas." in text_of(answer)
    assert sessions(store) == 0


def test_someone_disabled_cannot_sign_in_and_loses_the_sessions_at_once(agent, store):
    rows.set_disabled(store, 1, True, Deed(CLI, "staff.disabled", NOON))
    assert agent.get("/").status_code == 303
    assert agent.sign_in().status_code == 401


def test_the_sixth_wrong_try_must_wait_and_says_how_long(browser, store):
    add_staff(store)
    answers = [browser.sign_in(password="pas le bon mot") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "Attendez 15 secondes, puis réessayez." in text_of(answers[-1])
    assert answers[-1].headers["retry-after"] == "15"


def test_tries_sent_all_at_once_are_no_more_allowed_than_one_by_one(browser, store):
    add_staff(store)
    form = {"jeton": token_of(browser.get("/connexion").text), "identifiant": "camille", "secret": "pas le bon mot"}
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda _: browser.http.post("/connexion", data=form).status_code, range(12)))
    assert sorted(codes) == [401] * 5 + [429] * 7


def test_after_the_delay_the_right_password_works_and_tries_start_afresh(browser, store, clock):
    add_staff(store)
    for _ in range(6):
        browser.sign_in(password="pas le bon mot")
    assert browser.sign_in().status_code == 429
    clock.forward(seconds=15)
    assert browser.sign_in().status_code == 303
    browser.sign_out()
    assert [browser.sign_in(password="non").status_code for _ in range(5)] == [401] * 5


def test_tries_from_one_address_do_not_delay_a_colleague_at_another(console, store):
    add_staff(store)
    far = console(trusted_proxies=1)
    far.http.headers["X-Forwarded-For"] = "203.0.113.7"
    for _ in range(6):
        far.sign_in(password="pas le bon mot")
    assert far.sign_in().status_code == 429
    far.http.headers["X-Forwarded-For"] = "203.0.113.8"
    assert far.sign_in().status_code == 303


def test_a_forwarded_address_is_not_believed_without_a_trusted_proxy(browser, store):
    add_staff(store)
    for n in range(6):
        browser.http.headers["X-Forwarded-For"] = f"203.0.113.{n}"
        answer = browser.sign_in(password="pas le bon mot")
    assert answer.status_code == 429


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(console, store):
    add_staff(store)
    plain = console().sign_in().headers.get_list("set-cookie")
    assert any(c.startswith("guichet_console=") and "HttpOnly" in c and "SameSite=Strict" in c for c in plain)
    secure = console(cookies_secure=True)
    answer = secure.get("/connexion")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["set-cookie"].startswith("__Host-guichet_connexion=")
    assert "max-age" in answer.headers["strict-transport-security"]


def test_the_database_never_holds_a_session_token(agent, store):
    token = agent.http.cookies["guichet_console"]
    with store.begin() as session:
        row = session.scalars(select(StaffSession)).one()
    assert token not in (row.token_hash, row.csrf)
    assert len(row.token_hash) == 64


def test_signing_in_gives_a_token_of_our_own_and_ends_the_former_session(agent, store):
    former = agent.http.cookies["guichet_console"]
    token = token_of(agent.get("/").text)
    agent.http.cookies.set("guichet_connexion", "a" * 43)
    again = agent.http.post("/connexion", data={"jeton": "a" * 43, "identifiant": "camille", "secret": PASSWORD})
    assert again.status_code == 303
    assert agent.http.cookies["guichet_console"] != former
    assert token_of(agent.get("/").text) != token
    assert sessions(store) == 1


def test_a_session_that_is_not_used_ends(agent, clock, settings):
    clock.forward(seconds=settings.staff_session_idle - 1)
    assert agent.get("/").status_code == 200
    clock.forward(seconds=settings.staff_session_idle - 1)
    assert agent.get("/").status_code == 200
    clock.forward(seconds=settings.staff_session_idle)
    answer = agent.get("/")
    assert answer.headers["location"] == "/connexion?avis=session"
    assert "Votre session est terminée." in text_of(agent.get(answer.headers["location"]))


def test_a_session_in_use_ends_too_when_the_day_is_over(agent, clock, settings):
    for _ in range(settings.staff_session_lifetime // 600 - 1):
        clock.forward(seconds=600)
        assert agent.get("/").status_code == 200
    clock.forward(seconds=600)
    assert agent.get("/").status_code == 303


def test_expired_sessions_are_forgotten_at_the_next_sign_in(agent, store, clock):
    clock.forward(days=1)
    agent.http.cookies.clear()
    agent.sign_in()
    assert sessions(store) == 1


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(agent, store):
    token = agent.http.cookies["guichet_console"]
    assert agent.sign_out().headers["location"] == "/connexion?avis=sortie"
    assert "guichet_console" not in agent.http.cookies
    agent.http.cookies.set("guichet_console", token)
    assert agent.get("/").status_code == 303
    assert sessions(store) == 0


@pytest.mark.parametrize("cookie", ["", "x", "é" * 43, "a" * 43, "'" * 43, "a" * 5000])
def test_an_unknown_cookie_leads_to_the_sign_in_page(browser, cookie):
    answer = browser.http.get("/", headers={"Cookie": f"guichet_console={cookie}".encode()})
    assert answer.status_code == 303


def test_after_signing_in_one_is_back_on_the_page_asked_for(browser, store):
    add_staff(store)
    asked = browser.get("/courrier?page=2").headers["location"]
    assert asked == "/connexion?suite=%2Fcourrier%3Fpage%3D2"
    assert browser.sign_in(suite="/courrier?page=2").headers["location"] == "/courrier?page=2"


@pytest.mark.parametrize(
    "elsewhere",
    ["//exemple.fr", "https://exemple.fr", "/\\exemple.fr", "/\t/exemple.fr", "javascript:alert(1)", "/\r\nX: y"],
)
def test_signing_in_never_leads_to_another_site(browser, store, elsewhere):
    add_staff(store)
    assert browser.sign_in(suite=elsewhere).headers["location"] == "/"


class TestFirstSignIn:
    """With a one-time password, one chooses one's own before anything else."""

    @pytest.fixture
    def newcomer(self, browser, store) -> Browser:
        add_staff(store, must_change=True)
        assert browser.sign_in().headers["location"] == "/mot-de-passe"
        return browser

    def chooses(self, newcomer: Browser, new: str, again: str | None = None) -> httpx.Response:
        return newcomer.send("/mot-de-passe", "/mot-de-passe", nouveau=new, encore=new if again is None else again)

    @pytest.mark.parametrize("path", ["/", "/dossiers/ABCD-2345", "/courrier"])
    def test_every_other_page_leads_to_the_choice(self, newcomer, path):
        assert newcomer.get(path).headers["location"] == "/mot-de-passe"

    @pytest.mark.parametrize(
        ("new", "again", "said"),
        [
            ("onze lettre", None, "Écrivez au moins 12 caractères"),
            ("", None, "Écrivez au moins 12 caractères"),
            ("ababababababab", None, "répète les mêmes caractères"),
            ("camille 123456789", None, "chiffres ou de votre identifiant"),
            (PASSWORD, None, "celui que vous aviez déjà"),
            ("e" * 201, None, "dépasse 200 caractères"),
            ("cinq autres mots", "cinq autre mots", "Les deux mots de passe sont différents."),
        ],
    )
    def test_a_poor_choice_is_refused_with_what_to_do(self, newcomer, new, again, said):
        answer = self.chooses(newcomer, new, again)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert newcomer.get("/").headers["location"] == "/mot-de-passe"

    def test_the_new_password_opens_the_list_and_replaces_the_former_one(self, newcomer, store):
        former = newcomer.http.cookies["guichet_console"]
        answer = self.chooses(newcomer, "cinq autres mots encore")
        assert answer.headers["location"] == "/?avis=mot-de-passe"
        assert "Votre nouveau mot de passe est enregistré." in text_of(newcomer.get("/?avis=mot-de-passe"))
        assert newcomer.http.cookies["guichet_console"] != former
        assert sessions(store) == 1
        newcomer.sign_out()
        assert newcomer.sign_in().status_code == 401
        assert newcomer.sign_in(password="cinq autres mots encore").headers["location"] == "/"

    def test_one_may_leave_without_choosing(self, newcomer):
        assert newcomer.send("/mot-de-passe", "/deconnexion").status_code == 303
        assert newcomer.get("/mot-de-passe").headers["location"].startswith("/connexion")


def test_the_demonstration_agent_goes_from_the_printed_password_to_the_list(browser, store):
    printed = staff.ensure_demo_agent(store)
    assert browser.sign_in("demo", printed).headers["location"] == "/mot-de-passe"
    new = "agrafe correcte cheval pile"
    browser.send("/mot-de-passe", "/mot-de-passe", nouveau=new, encore=new)
    assert "Aucun dossier à traiter pour le moment." in text_of(browser.get("/"))
