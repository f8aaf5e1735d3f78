"""No text that the widget shows becomes code, whatever field it comes through; in a real browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as json_response

from channels.web.headers import add_headers
from channels.web.pages import add_files
from guichet.settings import Settings
from tests.browser.payloads import PAYLOADS
from tests.live import serve

DRIVER = (Path(__file__).parent / "markup.js").read_text(encoding="utf-8")
LINK = "https://www.ameli.fr/"

# Where a payload is put, by `served`, `refused` and markup.js.
FIELDS = """
text of a bot|text of a person|text in bold|text in a list|text of a link|address of a link in a text|theme|kind|at|
link id|link label|link url|choice id|choice label|choice theme|verdict ids|source url|source checked_on|reference|
emergency text|error code|error message|error message of a feedback|form errors (5 fields)|form error message|
urgent text|urgent theme|urgent link|identity email|identity departement|departement code|departement name|
service-name|lang|theme attribute|identity attribute|what the person types|what the form keeps
""".replace("\n", "").split("|")


def said(seq: int, text: str, kind: str = "smalltalk", **more: object) -> dict:
    sender = "user" if kind == "user" else "bot"
    return {"seq": seq, "from": sender, "kind": kind, "theme": None, "text": text, "links": [], "choices": []} | more


def served(p: str) -> list[dict]:
    """A conversation with the payload in every field of its messages."""
    links = [
        {"id": p, "label": "lien", "url": p, "login": True},
        {"id": "x", "label": p, "url": LINK, "login": False},
        {"id": p, "label": p, "url": f"{LINK}{p}", "login": False},
    ]
    choices = [{"id": f"{p}{n}", "label": p, "theme": p} for n in range(2)]
    verdict = [{"id": f"{p}oui", "label": "Oui, merci"}, {"id": f"{p}non", "label": "Non"}]
    return [
        said(1, p, p, theme=p, at=p, links=links, choices=choices, source={"url": p, "checked_on": p}, reference=p),
        said(2, p, "user", theme=p, at=p),
        said(3, "Réponse.", "answer", theme=p, links=links, choices=[*choices, *verdict], reference=p)
        | {"source": {"url": LINK, "checked_on": p}},
        said(4, f"**{p}**\n\n- {p}\n- **{p}**", "clarify", choices=choices),
        said(5, f"[{p}]({LINK}) [x]({p}) [x]({LINK}{p})", "retry"),
        said(6, p, "emergency", theme=p, links=links),
        said(7, f"[x]({p})", "handoff_offer"),
    ]


def refused(p: str) -> dict:
    urgent = said(0, p, "emergency", theme=p, links=[{"id": p, "label": p, "url": p, "login": False}])
    for absent in ("seq", "from"):
        del urgent[absent]
    return {"error": {"code": p, "message": p}, "urgent": [urgent | {"__proto__": {"polluted": p}}]}


def answer(path: str, body: dict, p: str) -> tuple[int, object]:
    """What the scripted service says to one request of the conversation that holds the payload `p`."""
    if path == "conversations":
        return 201, {"messages": served(p), "identity": {"email": p, "departement": p}}
    if path == "messages" and "choice" in body:
        no = said(8, "Non", "user")
        return 200, {"turn": {"id": p, "status": "done"}, "messages": [no, said(9, p, "retry")]}
    if path == "handoff" and body["email"] != "formulaire":
        errors = dict.fromkeys(("email", "departement", "name", "message", "consent", "__proto__", p), p)
        return 422, refused(p) | {"errors": errors}
    return 422, refused(p)


class Meter:
    """Counts whatever a payload may do outside the widget's own gestures."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.seen = page, urlsplit(site).netloc, Counter()
        page.on("dialog", lambda dialog: (self._saw(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: self._console(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._saw(f"error {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("framenavigated", lambda frame: self._saw(f"navigation {frame.url}"))
        page.on("frameattached", lambda frame: self._saw(f"frame {frame.url}"))
        page.context.on("page", lambda opened: self._saw(f"window {opened.url}"))

    def _saw(self, what: str) -> None:
        self.seen[what] += 1

    def _console(self, text: str) -> None:
        if "422" not in text:  # the scripted refusals
            self._saw(f"console {text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        known = parts.path.startswith(("/chat/", "/widget/")) or parts.path in (
            "/",
            "/widget.js",
            "/page.css",
            "/icone.svg",
        )
        if parts.netloc != self.site or not known:
            self._saw(f"request {url}")

    def run_by_payloads(self) -> int:
        return self.page.evaluate("window.executions")


@pytest.fixture(scope="module")
def scripted() -> Iterator[str]:
    """The widget's real files and policy, over a service that says payloads. Gives its URL."""
    app = Sanic("markup")
    app.ctx.settings = Settings()
    add_files(app, {payload: payload for payload in PAYLOADS}, app.ctx.settings)
    add_headers(app)

    @app.post("/chat/<path:path>")
    async def chat(request: Request, path: str) -> HTTPResponse:
        who = request.json["identity"] if path == "conversations" else request.token
        status, body = answer(path, request.json, PAYLOADS[int(who)])
        return json_response(body | {"token": who} if status == 201 else body, status)

    with serve(app) as url:
        yield url


@pytest.fixture(params=["with the CSP", "without CSP"])
def metered(request, browser: Browser, scripted: str) -> Iterator[tuple[Page, Meter]]:
    """The demonstration page. Without CSP nothing but the widget itself stands in the way."""
    context = browser.new_context(locale="fr-FR", bypass_csp=request.param == "without CSP")
    page = context.new_page()
    page.add_init_script(
        """window.executions = 0; window.violations = 0; window.pwned = () => { window.executions += 1; };
        addEventListener("securitypolicyviolation", () => { window.violations += 1; });"""
    )
    page.goto(scripted, wait_until="networkidle")
    yield page, Meter(page, scripted)
    context.close()


def test_no_payload_runs_through_any_field(metered, tell):
    page, meter = metered
    page.evaluate(DRIVER)
    found = page.evaluate("(payloads) => window.playAll(payloads)", PAYLOADS)
    unsafe, hidden = (Counter(what for row in found for what in row[key]) for key in ("unsafe", "hidden"))
    page.wait_for_timeout(300)
    executions, violations = meter.run_by_payloads(), page.evaluate("window.violations")
    tell(
        f"markup: {len(PAYLOADS)} payloads × {len(FIELDS)} fields: {executions} executions, {violations} CSP violations"
        f", {sum(meter.seen.values())} unexpected events, {sum(unsafe.values())} unsafe nodes"
    )
    assert hidden == {}  # each field did show its payload, as text
    assert unsafe == {}
    assert meter.seen == {}
    assert (executions, violations) == (0, 0)
    assert page.evaluate("({}).polluted === undefined && document.querySelectorAll('guichet-chat').length === 1")


def test_the_meter_sees_what_it_should(metered):
    page, meter = metered
    page.evaluate(
        """() => { const box = document.body.appendChild(document.createElement("div"));
        box.innerHTML = "<img src=/missing onerror=pwned()><iframe src='javascript:parent.pwned()'></iframe>"; }"""
    )
    page.wait_for_timeout(500)
    assert meter.run_by_payloads() + page.evaluate("window.violations") >= 2
    assert any(what.startswith("request") for what in meter.seen)
