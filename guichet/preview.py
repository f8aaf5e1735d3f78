"""What a person would see for a phrase, at the start of a conversation: `guichet try`."""

from __future__ import annotations

from typing import Any

from guichet.content import Content, Display
from guichet.safety import Detector

__all__ = ["preview"]

KINDS = {"conversation": "smalltalk", "urgences": "emergency"}  # by family; a theme of any other is an "answer"
NEAR = 0.05  # probability from which a theme is offered when the phrase is not understood (actions/relancer.py)


def preview(content: Content, detector: Detector, understood: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """(why, public messages of DESIGN §6 without seq) for what brain/ask.py understood of a phrase."""
    crisis = detector.detect(understood["text"])
    if crisis:
        why = f"message de crise, reconnu avant le modèle (data/urgences*.yml) par : {crisis.phrase}"
        return why, [_theme(content, Display(content), crisis.theme)]
    why = understood["decision"].get("reason", "?").replace("*", "")
    display = Display(content)
    doubt = detector.doubt(understood["text"])
    beside = [_message(display, "notice", content.texts[f"doute_{doubt}"], [])] if doubt else []
    return why, [*beside, *_messages(content, display, understood)]


def _messages(content: Content, display: Display, understood: dict[str, Any]) -> list[dict[str, Any]]:
    decision = understood["decision"]
    intent = decision.get("intent") or (understood["intent"] or {}).get("name")
    if intent == "plusieurs_questions":
        announced = _message(display, "notice", content.two_questions(*decision["themes"]))
        return [announced, *(_theme(content, display, theme) for theme in decision["themes"])]
    if intent == "hors_sujet":
        return [_elsewhere(content, display, understood)]
    if intent in content.themes:
        return [_theme(content, display, intent, (decision.get("about") or {}).get("beneficiaire"))]
    if intent == "clarification":
        key = "clarifier_vague" if decision.get("vague") else "clarifier"
        offers = _buttons(content, decision.get("themes") or content.frequent)
        return [_message(display, "clarify", content.texts[key], [*offers, {"label": content.texts["choix_aucune"]}])]
    near = [row["name"] for row in understood["ranking"] if row["confidence"] >= NEAR and _serves(content, row["name"])]
    key = "relance_incompris_proches" if near else "relance_incompris"
    offers = [*_buttons(content, near[:3]), {"label": content.texts["bouton_conseiller"]}]
    return [_message(display, "retry", content.texts[key], offers)]


def _theme(content: Content, display: Display, theme: str, about: str | None = None) -> dict[str, Any]:
    known = content.themes[theme]
    body, _ = display.message(KINDS.get(known.famille, "answer"), known.answer, theme=theme, about=about)
    return body


def _elsewhere(content: Content, display: Display, understood: dict[str, Any]) -> dict[str, Any]:
    text = understood["text"]
    advice = understood["decision"].get("advice")
    if advice:
        return _message(display, "out_of_scope", content.texts["avis_medical"])
    named = next((row["value"] for row in understood.get("entities") or () if row["entity"] == "organisme"), "")
    body = content.organismes.get(named) or content.organisme_in(text)
    if body:
        return _message(display, "out_of_scope", content.texts["orienter"].format(nom=body.nom, role=body.role))
    return _message(display, "out_of_scope", content.themes["hors_sujet"].answer)


def _message(display: Display, kind: str, text: str, offers: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return display.message(kind, text, choices=[{"intent": None, **offer} for offer in offers or ()])[0]


def _buttons(content: Content, themes: Any) -> list[dict[str, Any]]:
    return [{"label": content.themes[theme].bouton} for theme in themes if theme in content.themes]


def _serves(content: Content, theme: str) -> bool:
    return theme in content.themes and content.themes[theme].famille not in KINDS
