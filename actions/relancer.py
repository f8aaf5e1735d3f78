"""After a failure: something new the first time, a counsellor the second (DESIGN §5.4)."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import LIMIT, Progress, progress
from guichet.content import Content

MOST = 3  # buttons of themes


class ActionRelancer(Action):
    def name(self) -> str:
        return "action_relancer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        now = progress(tracker.events)
        if now.failures >= LIMIT:
            key, kind, buttons = _offer(content, now)
        else:
            key, kind, buttons = _something_new(content, now, tracker)
        dispatcher.utter_message(text=content.texts[key], json_message={"kind": kind, "choices": buttons})
        return []


def _offer(content: Content, now: Progress) -> tuple[str, str, list]:
    key = "relais_deux_echecs"
    if content.texts[key] in now.texts:
        key = "relais_encore"
    return key, "handoff_offer", [choices.stay(content)]


def _something_new(content: Content, now: Progress, tracker: Tracker) -> tuple[str, str, list]:
    """(text key, kind, buttons): near themes, a precision, or one good question; a person is always one click away."""
    latest = tracker.latest_message
    if (latest.get("intent") or {}).get("name") == "nlu_fallback":
        again = (latest.get("decision") or {}).get("theme")
        if again in now.refused:
            near, key = _near(content, again, now), "relance_deja_dit"
        else:
            near = choices.likely(content, latest, besides=now.refused)
            key = "relance_incompris_proches" if near else "relance_incompris"
        return key, "retry", [*choices.themes(content, near), choices.person(content)]
    if _origin(latest) == "clarification" or now.last_kind == "clarify":
        near = _left_aside(content, now, tracker)
        key = "relance_aucune_proches" if near else "relance_aucune"
        return key, "retry", [*choices.themes(content, near), choices.person(content)]
    if now.theme in now.refused:
        near = _near(content, now.theme, now)
        precisions = [] if near else choices.precisions(content, now.theme)
        key = "relance_proches" if near else "relance_precisions" if precisions else "relance_question"
        return key, "retry", [*choices.themes(content, near), *precisions, choices.person(content)]
    return "relance_question", "retry", [choices.person(content)]


def _origin(latest: dict[str, Any]) -> str | None:
    return next((e.get("value") for e in latest.get("entities") or () if e.get("entity") == "origine"), None)


def _near(content: Content, theme: str, now: Progress) -> list[str]:
    return [near for near in content.themes[theme].proches if near not in now.refused][:MOST]


def _left_aside(content: Content, now: Progress, tracker: Tracker) -> list[str]:
    """What the refused clarification did not offer and its message may still have meant."""
    asked = [
        event["parse_data"]
        for event in tracker.events
        if event.get("event") == "user" and event["parse_data"]["intent"].get("name") == "clarification"
    ]
    if not asked:
        return []
    offered = (asked[-1].get("decision") or {}).get("themes") or ()
    return choices.likely(content, asked[-1], besides={*now.refused, *offered})
