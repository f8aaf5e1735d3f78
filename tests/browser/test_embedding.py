"""The two lines of the README, in a page of another origin under the strictest policy, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from sanic import HTTPResponse, Request, Sanic
from sanic.response import html

from tests.browser.test_gestures import option
from tests.browser.test_widget import LAUNCHER, ask, messages, open_by_keyboard
from tests.channels.web.conftest import answer
from tests.live import serve

QUESTION = "j'ai perdu ma carte"
LINES = re.compile(r"```html\n(<script.*?</guichet-chat>)\n```", re.DOTALL)
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def test_a_page_of_another_origin_embeds_it_under_a_strict_policy(page: Page, site, brain, tell):
    brain.says(QUESTION, answer("carte_vitale_perte_vol"))
    readme = Path("README.md").read_text(encoding="utf-8")
    host = Sanic("host")

    @host.get("/")
    async def account(request: Request) -> HTTPResponse:
        service = request.app.ctx.service
        policy = f"default-src 'none'; script-src {service}; connect-src {service}; base-uri 'none'; form-action 'none'"
        lines = LINES.search(readme)[1].replace("https://guichet.example", service)
        body = f"<!doctype html><html lang=fr><title>Mon compte</title><h1>Mon compte</h1>{lines}</html>"
        return html(body, headers={"Content-Security-Policy": policy})

    with serve(host) as address:
        host.ctx.service = site(reply_wait=10.0, turn_timeout=20.0, cors_origins=(address,))
        page.add_init_script(
            """window.violations = []; addEventListener("securitypolicyviolation",
            ({ violatedDirective, blockedURI }) => window.violations.push(`${violatedDirective} ${blockedURI}`));"""
        )
        page.goto(address)
        expect(page.get_by_role("button", name=LAUNCHER)).to_have_css("position", "fixed")  # its style came through
        painted = page.evaluate(PAINTED)
        open_by_keyboard(page)
        expect(page.get_by_role("dialog")).to_have_css("position", "fixed")
        expect(ask(page, QUESTION)).to_contain_text("La réponse.")
        with page.expect_download():
            option(page, "Télécharger la conversation")
        option(page, "Imprimer la conversation")
        option(page, "Recommencer")
        page.get_by_role("button", name="Oui, recommencer").press("Enter")
        expect(messages(page)).to_have_count(1)
        page.get_by_role("button", name="Effacer et quitter", exact=True).press("Enter")
        page.get_by_role("button", name="Oui, effacer et quitter").press("Enter")
        expect(page.get_by_role("button", name=LAUNCHER)).to_be_focused()
        violations = page.evaluate("window.violations")
        tell(f"embedding: first paint at {painted:.0f} ms, {len(violations)} violations of the host's policy")
        assert violations == []
