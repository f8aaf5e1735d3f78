"""What axe cannot see: announcements, focus, keyboard, reflow, spacing, forced colours, motion, targets, contrasts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.states import walk
from tests.browser.test_widget import (
    FOCUSED,
    HORIZONTAL_SCROLL,
    LAUNCHER,
    WRITE,
    ask,
    field,
    messages,
    open_by_keyboard,
    press,
    send,
    tab_to,
)
from tests.channels.web.conftest import answer

PATIENT = {"reply_wait": 10.0, "turn_timeout": 20.0}
QUESTION, NEXT = "j'ai perdu ma carte", "Une réponse."
IN = """(look) => { const root = document.querySelector("guichet-chat").shadowRoot;
  const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".hidden");
  const name = (e) => `${e.localName}.${e.className} ${e.textContent.trim().slice(0, 30)}`;
  return [...root.querySelectorAll("*")].filter(seen).filter(%s).map(name); }"""
# What live regions are given to say, in order: [role, text]. What is added under aria-live=off is not said.
LISTEN = """() => {
  window.said = [];
  const root = document.querySelector("guichet-chat").shadowRoot;
  const live = "[aria-live],[role=log],[role=status],[role=alert]";
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      const at = target.nodeType === 1 ? target : target.parentElement;
      const region = at?.closest(live);
      if (!region || region.getAttribute("aria-live") === "off" || !region.checkVisibility()) continue;
      const text = type === "childList" ? [...addedNodes].map((node) => node.textContent).join("") : target.data;
      if (text.trim()) window.said.push([region.getAttribute("role"), text]);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true });
}"""
SMALL_TARGETS = (
    IN
    % """(e) => {
  if (!e.matches("button,a,input,select,textarea,summary") || e.closest("[inert]")) return false;
  const inline = e.localName === "a" && getComputedStyle(e).display === "inline";
  const { width, height } = (e.type === "checkbox" ? e.closest("label") : e).getBoundingClientRect();
  const least = inline ? 24 : 43.9;
  return height < least || width < (inline ? 10 : least); }"""
)
CUT = (
    IN
    % """(e) => { const { overflowX, overflowY } = getComputedStyle(e);
  return e.localName !== "svg" && ((/hidden|clip/.test(overflowX) && e.scrollWidth > e.clientWidth + 1)
    || (/hidden|clip/.test(overflowY) && e.scrollHeight > e.clientHeight + 1)); }"""
)
MOVING = """() => [document, document.querySelector("guichet-chat").shadowRoot]
  .flatMap((root) => root.getAnimations()).length"""

BORDERLESS = (
    IN
    % """(e) => e.matches(
    ".launcher,.primary,.secondary,.pill,.service,.message > .body,textarea,select,input:not([type=checkbox]),dialog")
  && (getComputedStyle(e).borderTopWidth === "0px" || /rgba.*, 0\\)$/.test(getComputedStyle(e).borderTopColor))"""
)
# WCAG 1.4.12, inside the shadow root too.
SPACING = """() => { const sheet = new CSSStyleSheet();
  sheet.replaceSync(`*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}
    p{margin-bottom:2em!important}`);
  for (const root of [document, document.querySelector("guichet-chat").shadowRoot])
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; }"""
NO_SPACING = """() => { for (const root of [document, document.querySelector("guichet-chat").shadowRoot])
  root.adoptedStyleSheets = root.adoptedStyleSheets.slice(0, -1); }"""
LEAVE_IN_SIGHT = """() => { const root = document.querySelector("guichet-chat").shadowRoot;
  const button = [...root.querySelectorAll(".header .quiet")].find((one) => one.checkVisibility());
  if (!button) return true;
  const { top, bottom, left, right } = button.getBoundingClientRect();
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth; }"""


@pytest.fixture
def opened(page: Page, site, brain) -> Page:
    brain.says(QUESTION, answer("carte_vitale_perte_vol", NEXT))
    page.goto(site(**PATIENT))
    open_by_keyboard(page)
    return page


def focus(page: Page) -> str:
    return page.evaluate(FOCUSED)


# --- every state


@pytest.mark.timeout(1200)
def test_every_state_reflows_spaces_and_keeps_its_targets(page: Page, site, brain, tell):
    found: list[str] = []
    states = 0
    page.emulate_media(reduced_motion="reduce")
    for state in walk(page, site(**PATIENT), brain):
        states += 1

        def note(what: str, result: list | int | bool, state: str = state) -> None:
            if result:
                found.append(f"{state}: {what} {result}")

        for width, height in ((320, 640), (320, 256), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            note(f"scrolls sideways at {width}×{height}", page.evaluate(HORIZONTAL_SCROLL))
            note(f"cuts at {width}×{height}", page.evaluate(CUT))
            note(f"«Effacer et quitter» out of sight at {width}×{height}", not page.evaluate(LEAVE_IN_SIGHT))
            note(f"small targets at {width}×{height}", page.evaluate(SMALL_TARGETS))
            page.evaluate(SPACING)
            note(f"scrolls sideways, spaced, at {width}×{height}", page.evaluate(HORIZONTAL_SCROLL))
            note(f"cuts, spaced, at {width}×{height}", page.evaluate(CUT))
            page.evaluate(NO_SPACING)
        note("moves", page.evaluate(MOVING))
        page.emulate_media(forced_colors="active")
        note("has no border in forced colours", page.evaluate(BORDERLESS))
        page.emulate_media(forced_colors="none")
    tell(f"access: {states} states × 3 sizes (320×256 is 1280 at 400 %), spaced or not: {len(found)} defects")
    assert found == [], "\n".join(found)


# --- what is announced


def test_a_reply_is_announced_once_and_says_who_speaks(opened: Page):
    opened.evaluate(LISTEN)
    ask(opened, QUESTION)
    opened.wait_for_timeout(700)  # a typing indicator would have come
    said = opened.evaluate("window.said")
    assert [role for role, _ in said] == ["log", "log"]
    assert said[0][1].startswith(f"Vous\u00a0:{QUESTION}")
    assert said[1][1].startswith(f"Assistant\u00a0:{NEXT}")


def test_a_slow_reply_says_once_that_it_is_prepared(opened: Page, brain):
    opened.evaluate(LISTEN)
    brain.gate.clear()
    send(opened, QUESTION)
    expect(opened.get_by_text("prépare sa réponse")).to_be_visible()
    opened.wait_for_timeout(2000)
    brain.gate.set()
    expect(messages(opened)).to_have_count(3)
    assert [role for role, _ in opened.evaluate("window.said")] == ["log", "status", "log"]


def test_a_choice_is_announced_once(opened: Page):
    ask(opened, QUESTION)
    no = messages(opened).nth(2).get_by_role("button", name="Non", exact=True)
    opened.evaluate(LISTEN)
    press(opened, no)
    expect(no).to_have_attribute("aria-pressed", "true")
    assert [role for role, _ in opened.evaluate("window.said")] == ["log", "log"]


def test_an_empty_message_is_an_error_of_the_field(opened: Page):
    opened.get_by_role("button", name="Envoyer").press("Enter")
    expect(field(opened)).to_be_focused()
    expect(field(opened)).to_have_accessible_description(re.compile("Écrivez votre question"))


def test_a_reply_that_comes_when_closed_is_marked_and_said(opened: Page, brain):
    brain.gate.clear()
    send(opened, QUESTION)
    opened.keyboard.press("Escape")
    launcher = opened.get_by_role("button", name=LAUNCHER)
    expect(launcher).to_be_focused()
    brain.gate.set()
    expect(launcher).to_have_accessible_name(re.compile("Réponse non lue"))
    expect(opened.get_by_role("status").filter(has_text="Réponse non lue")).to_be_attached()
    opened.keyboard.press("Enter")
    expect(messages(opened).last).to_contain_text(NEXT)
    expect(launcher).not_to_have_accessible_name(re.compile("non lue"))


# --- focus and keyboard


@pytest.mark.parametrize("width", [320, 1280])
def test_tab_is_never_trapped(opened: Page, width: int):
    opened.set_viewport_size({"width": width, "height": 800})
    seen = [focus(opened)]
    for _ in range(60):
        opened.keyboard.press("Tab")
        seen.append(focus(opened))
    stuck = [one for one, other in pairwise(seen) if one == other and one]
    assert stuck == []
    if width == 1280:
        assert any("Aller au contenu" in name for name in seen)  # out of the panel, and round the page
    else:
        assert seen.count(seen[0]) >= 2  # full screen: round inside
    opened.keyboard.press("Escape")
    if width == 320:
        expect(opened.get_by_role("button", name=LAUNCHER)).to_be_focused()


def test_dialogs_keep_and_give_back_the_focus(opened: Page):
    ask(opened, QUESTION)
    erase = opened.get_by_role("button", name="Effacer et quitter", exact=True)
    erase.press("Enter")
    expect(opened.get_by_role("button", name="Non, continuer")).to_be_focused()  # twice Enter erases nothing
    opened.keyboard.press("Escape")
    expect(erase).to_be_focused()

    options = opened.get_by_role("button", name="Options")
    options.press("Enter")
    tab_to(opened, "Recommencer")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("dialog", name="Recommencer")).to_be_visible()
    expect(opened.get_by_role("button", name="Non, continuer")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(options).to_be_focused()
    expect(messages(opened)).to_have_count(3)

    options.press("Enter")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Escape")  # the list first, the panel next
    expect(options).to_be_focused()
    expect(options).to_have_attribute("aria-expanded", "false")


def test_a_form_with_errors_leads_to_the_first_and_ties_each_to_its_field(opened: Page, brain):
    brain.says("non", {"text": "Écrivez.", "custom": {"kind": "handoff_offer"}})
    press_write = ask(opened, "non").get_by_role("button", name=WRITE)
    press_write.press("Enter")
    expect(opened.get_by_role("heading", name=WRITE)).to_be_focused()
    tab_to(opened, "Envoyer ma demande")
    opened.keyboard.press("Enter")
    email = opened.get_by_label("Votre adresse e-mail")
    expect(email).to_be_focused()
    for wrong in (email, opened.get_by_label("Votre département"), opened.get_by_role("checkbox")):
        expect(wrong).to_have_attribute("aria-invalid", "true")
        expect(wrong).to_have_accessible_description(re.compile(r"\w"))
    expect(opened.get_by_label("Votre nom")).not_to_have_attribute("aria-invalid", "true")


# --- colours


PAIRS = {
    4.5: """text/surface text/background text/tint text/pressed text/error-tint text/success-tint text-subdued/surface
    text-subdued/background text-subdued/tint primary/surface primary/background primary/tint primary/pressed
    primary/error-tint primary/success-tint on-primary/primary error/surface error/error-tint success/success-tint
    surface/error""",
    3.0: "line/surface line/background error/background primary/background",
}
COLOURS = """(names) => {
  const probe = document.querySelector("guichet-chat").shadowRoot.appendChild(document.createElement("i"));
  const read = (name) => {
    probe.style.setProperty("color", `var(--${name})`);
    return getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  };
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return colours;
}"""


def luminance(colour: list[int]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_contrast_enough(page: Page, site, theme: str, tell):
    page.emulate_media(color_scheme=theme)
    page.goto(site())
    names = sorted({name for pairs in PAIRS.values() for pair in pairs.split() for name in pair.split("/")})
    colours = page.evaluate(COLOURS, names)
    ratios = {}
    for least, pairs in PAIRS.items():
        for pair in pairs.split():
            low, high = sorted(luminance(colours[name]) for name in pair.split("/"))
            ratios[pair] = (round((high + 0.05) / (low + 0.05), 2), least)
    tell(
        f"contrasts, {theme}: {len(ratios)} pairs, lowest {min(ratios.items(), key=lambda row: row[1][0] / row[1][1])}"
    )
    assert {pair: ratio for pair, (ratio, least) in ratios.items() if ratio < least} == {}


# --- without scripts


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_scripts_the_page_gives_the_phone_and_the_counter(scriptless: Page, site):
    scriptless.goto(site())
    main = scriptless.get_by_role("main")
    expect(main.get_by_role("link", name=re.compile("36.46"))).to_have_attribute("href", "tel:3646")
    expect(main.get_by_role("link", name="accueil de votre caisse")).to_be_visible()
