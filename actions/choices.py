"""The buttons that actions offer, as the web process expects them: {label, intent, entities?, theme?}."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guichet.content import Content

__all__ = ["none_of_these", "person", "themes"]


def themes(content: Content, ids: Iterable[str]) -> list[dict[str, Any]]:
    """One button a theme, labelled by its author."""
    return [
        {"label": content.themes[theme].bouton, "intent": theme, "theme": theme}
        for theme in ids
        if theme in content.themes
    ]


def none_of_these(content: Content) -> dict[str, Any]:
    """«Aucune de ces propositions»: a failure like any other «Non»."""
    return {
        "label": content.texts["choix_aucune"],
        "intent": "insatisfaction",
        "entities": {"origine": "clarification"},
    }


def person(content: Content) -> dict[str, Any]:
    return {"label": content.texts["bouton_conseiller"], "intent": "parler_conseiller"}
