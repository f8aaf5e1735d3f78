"""The buttons that actions offer, as the web process expects them: {label, intent, entities?, theme?}."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guichet.content import Content

__all__ = ["none_of_these", "person", "precisions", "stay", "themes"]


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


def stay(content: Content) -> dict[str, Any]:
    """«Non, je continue ici»: the offer of a counsellor is declined."""
    return {"label": content.texts["choix_continuer"], "intent": "decliner_relais"}


def precisions(content: Content, theme: str) -> list[dict[str, Any]]:
    """The precisions that a theme has: «Combien de temps ?», «Quels papiers ?» ..."""
    return [
        {"label": label, "intent": "precision", "entities": {"precision": key, "theme": theme}, "theme": theme}
        for key, label in content.precisions.items()
        if key in content.themes[theme].precisions
    ]
