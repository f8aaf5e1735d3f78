"""axe finds no barrier, in every state × theme × width. With SCREENSHOTS=FOLDER it only takes pictures of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.states import LOOKS, SIZES, THEMES, look, walk

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations, passes } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  const tell = (id) => ({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ""}`;
  const told = violations.flatMap(({ id, nodes }) => nodes.map(tell(id)));
  return { told, rules: passes.length + violations.length };
}"""
PICTURES = os.environ.get("SCREENSHOTS")
README = {  # images of docs/images: state, theme, width
    "widget.png": ("answer", "light", 1280),
    "widget-phone.png": ("welcome", "light", 320),
    "widget-dark.png": ("form with errors", "dark", 320),
}


@pytest.mark.timeout(1200)
def test_axe_finds_nothing_in_any_state(page: Page, site, brain, tell):
    found: list[str] = []
    states: list[str] = []
    rules = 0
    for state in walk(page, site(reply_wait=10.0, turn_timeout=20.0), brain):
        states.append(state)
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))
        for theme, size in LOOKS:
            look(page, theme, size)
            result = page.evaluate(RUN)
            found += [f"{state}, {theme}, {size[0]}: {what}" for what in result["told"]]
            rules = max(rules, result["rules"])
    version = page.evaluate("axe.version")
    tell(
        f"axe {version}: {len(states)} states × {len(THEMES)} themes × {len(SIZES)} widths, {rules} rules at most: "
        f"{len(found)} violations"
    )
    assert found == []
    assert len(states) >= 14


def pictures(page: Page, site, brain):
    folder = Path(PICTURES or "")
    folder.mkdir(parents=True, exist_ok=True)
    for n, state in enumerate(walk(page, site(reply_wait=10.0, turn_timeout=20.0), brain)):
        for theme, size in LOOKS:
            look(page, theme, size)
            picture = page.screenshot(animations="disabled")
            (folder / f"{n:02}-{state.replace(' ', '-')}-{theme}-{size[0]}.png").write_bytes(picture)
            for name, wanted in README.items():
                if wanted == (state, theme, size[0]):
                    Path("docs/images", name).write_bytes(picture)


if PICTURES:  # `make screenshots`; otherwise there is no such test
    test_pictures = pictures
