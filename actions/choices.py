"""The buttons that actions offer, as the web process expects them: {label, intent, entities?, theme?}."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from guichet.content import Content

__all__ = ["likely", "none_of_these", "person", "precisions", "stay", "themes"]

PLAUSIBLE = 0.05  # a theme under this probability is not worth a button
MOST = 3  # buttons of themes


def likely(content: Content, said: dict[str, Any], besides: Collection[str]) -> list[str]:
    """The themes a message (its `intent_ranking`) may mean, best first, without those of `besides`."""
    names = [row["name"] for row in said.get("intent_ranking") or () if row["confidence"] >= PLAUSIBLE]
    return [name for name in names if _is_service(content, name) and name not in besides][:MOST]


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


def _is_service(content: Content, name: str) -> bool:
    return name in content.themes and content.themes[name].famille not in ("conversation", "urgences")
