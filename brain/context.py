"""What the conversation so far says about the next message; read from the tracker's events, never from slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Text

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

__all__ = ["Context", "read_context"]


@dataclass
class Context:
    """`theme`: of the last answer. `last_kind`: what the bot said last. `choices`: the last clarification's, in order.

    `refused`: themes whose answer was refused since the last satisfaction. `answered`: themes of all answers so far.
    """

    theme: Optional[Text] = None
    last_kind: Optional[Text] = None
    choices: List[Dict[Text, Any]] = field(default_factory=list)
    refused: Set[Text] = field(default_factory=set)
    answered: Set[Text] = field(default_factory=set)


def read_context(tracker: Optional[DialogueStateTracker]) -> Context:
    """The context of the message about to be understood."""
    context = Context()
    for event in tracker.events if tracker else ():
        if isinstance(event, UserUttered):
            intent = event.intent_name
            if intent == "insatisfaction" and context.theme and context.last_kind == "answer":
                context.refused.add(context.theme)
            elif intent in ("satisfaction", "soumettre_dossier", "decliner_relais"):
                context.refused.clear()
        elif isinstance(event, BotUttered):
            custom = (event.data or {}).get("custom") or {}
            context.last_kind = custom.get("kind")
            context.choices = [choice for choice in custom.get("choices") or [] if choice.get("theme")]
            if context.last_kind == "answer" and custom.get("theme"):
                context.theme = custom["theme"]
                context.answered.add(custom["theme"])
    return context
