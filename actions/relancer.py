"""After a failure: something new the first time, a counsellor the second (DESIGN §5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import LIMIT, Progress, progress
from guichet.content import Content

PLAUSIBLE = 0.05  # a theme under this probability is not worth a button


class ActionRelancer(Action):
    def name(self) -> str:
        return "action_relancer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        now = progress(tracker.events)
        if now.failures >= LIMIT:
            key, kind, buttons = _offer(content, now)
        else:
            key, kind, buttons = _something_new(content, now, tracker.latest_message)
        dispatcher.utter_message(text=content.texts[key], json_message={"kind": kind, "choices": buttons})
        return []


def _offer(content: Content, now: Progress) -> tuple[str, str, list]:
    key = "relais_deux_echecs"
    if content.texts[key] in now.texts:
        key = "relais_encore"
    return key, "handoff_offer", [{"label": content.texts["choix_continuer"], "intent": "decliner_relais"}]


def _something_new(content: Content, now: Progress, latest: dict[str, Any]) -> tuple[str, str, list]:
    """(text key, kind, buttons): near themes, or one good question; a person is always one click away."""
    intent = (latest.get("intent") or {}).get("name")
    origin = next((e.get("value") for e in latest.get("entities") or () if e.get("entity") == "origine"), None)
    if intent == "nlu_fallback":
        decision = latest.get("decision") or {}
        if decision.get("theme") in now.refused:
            near, key = _near(content, decision["theme"], now), "relance_deja_dit"
        else:
            near = [
                row["name"]
                for row in latest.get("intent_ranking") or ()
                if row["confidence"] >= PLAUSIBLE
                and _is_service(content, row["name"])
                and row["name"] not in now.refused
            ][:3]
            key = "relance_incompris_proches" if near else "relance_incompris"
    elif origin == "clarification":
        near, key = [], "relance_aucune"
    elif now.theme in now.refused:
        near = _near(content, now.theme, now)
        key = "relance_proches" if near else "relance_question"
    else:
        near, key = [], "relance_question"
    return key, "retry", [*choices.themes(content, near), choices.person(content)]


def _near(content: Content, theme: str, now: Progress) -> list[str]:
    return [near for near in content.themes[theme].proches if near not in now.refused][:3]


def _plausible(content: Content, ranking: Iterable[dict[str, Any]], now: Progress) -> list[str]:
    names = [row["name"] for row in ranking if row["confidence"] >= PLAUSIBLE]
    return [name for name in names if _is_service(content, name) and name not in now.refused][:3]


def _is_service(content: Content, name: str) -> bool:
    return name in content.themes and content.themes[name].famille not in ("conversation", "urgences")
