"""What holds for every page: forms are ours, headers, errors in French, logs. Who may call what: test_matrix.py."""

from __future__ import annotations

import re

import pytest
from sanic.response import text

from console.app import create_app
from guichet.settings import Settings
from guichet.store.engine import StoreUnavailable
from tests.console.builders import PASSWORD, add_staff, open_case, text_of
from tests.live import serve


@pytest.fixture
def app(settings, store, content):
    return create_app(settings, store, content=content)


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/json", ""])
def test_only_plain_forms_are_read(browser, kind):
    assert browser.http.post("/connexion", content=b"--x", headers={"Content-Type": kind}).status_code == 403


def test_signing_in_is_refused_when_the_form_and_its_cookie_differ(browser, store):
    add_staff(store)
    browser.get("/connexion")
    answer = browser.http.post("/connexion", data={"jeton": "a" * 43, "identifiant": "camille", "secret": PASSWORD})
    assert answer.status_code == 403
    assert "guichet_console" not in browser.http.cookies


def test_the_app_refuses_to_start_when_a_route_declares_no_auth(app):
    app.add_route(lambda request: text("oups"), "/oubli")
    with pytest.raises(RuntimeError, match="/oubli declares no auth"), serve(app):
        pass


@pytest.mark.parametrize("path", ["/connexion", "/", "/nulle-part", "/healthz", "/dossiers/x"])
def test_every_answer_forbids_scripts_frames_and_caches(browser, path):
    headers = browser.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_pages_hold_no_script_and_no_inline_style(supervisor, store, vault):
    open_case(store, vault)
    pages = "/ /dossiers/ABCD-2345 /courrier /equipe /journal /compte /mot-de-passe /double-authentification /ailleurs"
    for path in pages.split():
        page = supervisor.get(path).text
        assert "<script" not in page
        assert "style=" not in page
        assert not re.search(r"\son\w+=", page)


def test_the_style_sheet_is_served_and_nothing_else_of_the_folder(browser):
    assert browser.get("/static/console.css").headers["content-type"].startswith("text/css")
    for name in ("../app.py", "..%2Fapp.py", "%2e%2e/app.py", "autre.css"):
        assert browser.get(f"/static/{name}").status_code == 404


def test_unknown_pages_and_methods_are_told_in_french(browser):
    missing = browser.get("/nulle-part")
    assert missing.status_code == 404
    assert "Page introuvable" in text_of(missing)
    assert browser.http.put("/connexion").status_code == 405
    assert browser.http.post("/connexion", content=b"x" * 20_000).status_code == 413


def test_a_breakdown_is_told_in_french_and_shows_no_detail(agent, monkeypatch):
    def broken(*_, **__):
        raise ValueError("jeanne@exemple.fr")

    monkeypatch.setattr("guichet.store.inbox.cases", broken)
    answer = agent.get("/")
    assert answer.status_code == 500
    assert "Une erreur s’est produite" in text_of(answer)
    assert "jeanne" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_database_that_is_down_asks_to_wait(agent, monkeypatch):
    def down(*_, **__):
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr("guichet.store.inbox.cases", down)
    answer = agent.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "La base de données ne répond pas" in text_of(answer)


def test_logs_hold_no_personal_text(agent, store, vault, capsys):
    open_case(store, vault, email="jeanne@exemple.fr", summary="Secret de Jeanne")
    agent.get("/dossiers/ABCD-2345")
    agent.sign_out()
    agent.sign_in("martin.dupont", "mot de passe de martin")
    written = "".join(capsys.readouterr())
    assert "case_shown" in written
    assert "sign_in_refused" in written
    for personal in ("jeanne", "Jeanne", "martin", "camille", "Camille"):
        assert personal not in written


def test_two_consoles_can_live_in_one_process(settings: Settings, store, content):
    assert create_app(settings, store, content=content).name != create_app(settings, store, content=content).name


def test_it_is_alive(browser):
    assert browser.get("/healthz").json() == {"status": "ok"}
