"""What a person may do with a conversation, and a host page with the widget: nothing leaves that they did not ask."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_widget import LAUNCHER, WRITE, ask, field, messages, open_by_keyboard, press, tab_to
from tests.channels.web.conftest import answer

QUESTION = "j'ai perdu ma carte"
LISTEN = """() => { window.heard = [];
  for (const what of ["open", "close", "answer", "handoff"])
    document.addEventListener(`guichet:${what}`, ({ type, detail }) => window.heard.push([type, detail])); }"""


@pytest.fixture
def opened(page: Page, site, brain) -> Page:
    brain.says(QUESTION, answer("carte_vitale_perte_vol", "Déclarez la perte au **[36 46](tel:3646)**."))
    page.goto(site(reply_wait=10.0, turn_timeout=20.0))
    page.evaluate(LISTEN)
    open_by_keyboard(page)
    return page


def option(page: Page, name: str) -> None:
    page.get_by_role("button", name="Options").press("Enter")
    tab_to(page, name)
    page.keyboard.press("Enter")


def test_the_frequent_questions_are_buttons_at_the_start(opened: Page, brain):
    questions = messages(opened).first.get_by_role("listitem").get_by_role("button")
    assert 4 <= questions.count() <= 5
    brain.says("carte_vitale_perte_vol", answer("carte_vitale_perte_vol"))
    expect(press(opened, questions.first)).to_contain_text("La réponse.")
    expect(questions.first).to_have_attribute("aria-pressed", "true")
    press(opened, questions.nth(1))  # the others stay usable


def test_an_answer_can_be_copied_with_its_addresses(opened: Page):
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = ask(opened, QUESTION).get_by_role("button", name="Copier cette réponse")
    copy.press("Enter")
    expect(opened.get_by_role("status").filter(has_text="Réponse copiée.")).to_be_attached()
    copied = opened.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Déclarez la perte au 36\u00a046.")
    assert "https://" in copied
    assert "**" not in copied


def test_without_a_clipboard_the_answer_is_copied_all_the_same(opened: Page):
    opened.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    opened.evaluate("document.addEventListener('copy', (event) => { window.took = getSelection().toString(); })")
    ask(opened, QUESTION).get_by_role("button", name="Copier cette réponse").press("Enter")
    expect(opened.get_by_role("button", name="Copié")).to_be_focused()
    assert "Déclarez" in opened.evaluate("window.took")


def test_the_conversation_is_saved_as_a_page_with_its_date_and_sources(opened: Page, tmp_path):
    ask(opened, QUESTION)
    with opened.expect_download() as begun:
        option(opened, "Télécharger la conversation")
    assert re.fullmatch(r"conversation-\d{4}-\d\d-\d\d\.html", begun.value.suggested_filename)
    kept = tmp_path / "kept.html"
    begun.value.save_as(kept)
    html = kept.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<button" not in html
    reader = opened.context.new_page()
    reader.goto(kept.as_uri())
    text = reader.inner_text("body")
    assert f"{datetime.now(UTC):%Y}" in text
    assert QUESTION in text
    assert "Source" in text or "À vérifier" in text
    assert "Vous\u00a0:" in text
    expect(reader.locator("html")).to_have_attribute("lang", "fr")
    reader.close()


def test_the_conversation_is_printed_alone(opened: Page):
    ask(opened, QUESTION)
    opened.context.add_init_script("window.print = () => {};")  # frames to come: the dialog of a system would stay
    option(opened, "Imprimer la conversation")
    frame = opened.locator("guichet-chat iframe").element_handle().content_frame()
    frame.wait_for_selector("li.message")
    printed = frame.inner_text("body")
    assert QUESTION in printed
    assert "Mes derniers paiements" not in printed


def test_one_starts_again_with_nothing_left(opened: Page):
    ask(opened, QUESTION)
    field(opened).fill("un brouillon")
    before = opened.evaluate("Object.values(sessionStorage)")
    option(opened, "Recommencer")
    with opened.expect_response(lambda response: response.request.method == "DELETE") as erased:
        opened.get_by_role("button", name="Oui, recommencer").press("Enter")
    assert erased.value.status == 204
    expect(messages(opened)).to_have_count(1)
    expect(messages(opened).first).to_contain_text("assistant automatique")
    expect(field(opened)).to_be_focused()
    expect(field(opened)).to_have_value("")
    after = opened.evaluate("Object.values(sessionStorage)")
    assert len(after) == 1
    assert before != after


def test_the_host_opens_and_closes_and_hears_what_happens_but_not_what_is_said(opened: Page, brain):
    brain.says("non", {"text": "Écrivez.", "custom": {"kind": "handoff_offer"}})
    ask(opened, QUESTION)
    ask(opened, "non").get_by_role("button", name=WRITE).press("Enter")
    opened.get_by_label("Votre adresse e-mail").fill("camille@exemple.fr")
    opened.get_by_label("Votre département").select_option("49")
    opened.get_by_role("checkbox").check()
    opened.get_by_role("button", name="Envoyer ma demande").press("Enter")
    expect(messages(opened).last).to_contain_text("référence")
    opened.evaluate("document.querySelector('guichet-chat').close()")
    expect(opened.get_by_role("dialog")).to_be_hidden()
    opened.evaluate("document.querySelector('guichet-chat').open()")
    expect(opened.get_by_role("dialog")).to_be_visible()
    told = ["open", "answer", "answer", "handoff", "answer", "close", "open"]
    assert opened.evaluate("window.heard") == [[f"guichet:{what}", None] for what in told]


def test_the_host_gives_its_words_its_colours_and_its_side(page: Page, site):
    page.goto(site())
    page.evaluate(
        """() => { const chat = document.querySelector("guichet-chat"); const other = chat.cloneNode();
        other.setAttribute("label", "Aide en ligne"); other.setAttribute("service-name", "Aide de la mutuelle");
        other.setAttribute("side", "left"); other.setAttribute("theme", "light");
        other.setAttribute("privacy-url", "https://exemple.fr/donnees");
        other.style.setProperty("--guichet-primary", "#00573d"); chat.replaceWith(other); }"""
    )
    launcher = page.get_by_role("button", name="Aide en ligne")
    expect(launcher).to_have_css("background-color", "rgb(0, 87, 61)")
    assert launcher.bounding_box()["x"] < 100
    launcher.click()
    expect(page.get_by_role("heading", name="Aide de la mutuelle")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Assistant automatique", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Vos données")).to_have_attribute("href", "https://exemple.fr/donnees")
    assert page.get_by_role("dialog").bounding_box()["x"] < 100


def test_the_ai_and_the_data_are_told_before_anything_else(opened: Page):
    told = opened.get_by_role("dialog").inner_text()
    assert told.index("pas à une personne") < told.index("Bonjour.")
    expect(opened.get_by_role("dialog").get_by_text("pas à une personne")).to_be_in_viewport()
    assert LAUNCHER not in told


def test_the_readme_shows_what_exists():
    readme = Path("README.md").read_text(encoding="utf-8")
    for image in re.findall(r"docs/images/[\w-]+\.png", readme):
        assert Path(image).is_file(), image


def test_the_accessibility_record_has_every_criterion_of_the_rgaa():
    numbers = re.findall(
        r"^\| (\d+)\.\d+ \|[^|]+\| (?:C|NC|NA) \|", Path("docs/rgaa.md").read_text(encoding="utf-8"), re.M
    )
    counts = [numbers.count(str(theme)) for theme in range(1, 14)]
    assert counts == [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]
