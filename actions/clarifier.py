"""«Parlez-vous de A, B ou C ?»: the themes the decision hesitates between, as buttons."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import progress
from guichet.content import Content
from guichet.content.library import fold

MOST = 5  # buttons
SHORT = 3  # letters: words no longer than this name nothing
EMPTY = {"avec", "pour", "dans", "chez", "mais", "vous", "nous", "cela", "cette", "votre", "notre", "plus", "sans"}


class ActionClarifier(Action):
    def name(self) -> str:
        return "action_clarifier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        decision = tracker.latest_message.get("decision") or {}
        now = progress(tracker.events)
        named = _named(content, tracker.latest_message.get("text") or "") if decision.get("vague") else []
        if decision.get("vague") and not named and now.theme and now.last_kind == "answer":
            key, offered = "clarifier_reponse", self._about(content, now.theme)
        else:
            key = "clarifier_vague" if decision.get("vague") else "clarifier"
            whom = (decision.get("about") or {}).get("beneficiaire")
            usual = content.frequent_for.get(whom or "", content.frequent)
            offered = choices.themes(content, named or decision.get("themes") or usual)
        if content.texts[key] in now.texts:
            key = "clarifier_encore"  # never the same text twice in a row
        dispatcher.utter_message(
            text=content.texts[key],
            json_message={"kind": "clarify", "choices": [*offered, choices.none_of_these(content)]},
        )
        return []

    def _about(self, content: Content, theme: str) -> list[dict[str, Any]]:
        """«je comprends pas», said of an answer: what more can be told of it, then what is near."""
        near = choices.themes(content, content.themes[theme].proches)
        return [*choices.precisions(content, theme), *near][:MOST]


def _named(content: Content, text: str) -> list[str]:
    """Themes whose titles share the most words with a vague message: «carte vitale» names all that concerns it."""
    said = {word for word in fold(text).split() if len(word) > SHORT} - EMPTY
    shared = {
        theme.id: len(said & set(fold(theme.titre).split()))
        for theme in content.themes.values()
        if theme.famille not in ("conversation", "urgences")
    }
    most = max(shared.values())
    return [theme for theme, count in shared.items() if most and count == most][:MOST]
