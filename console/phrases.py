"""Small pieces of French that templates put together: ages, dates, names of things; and texts made harmless."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from guichet.content import Content
from guichet.content.bare import harmless
from guichet.content.display import typography
from guichet.store.tables import Case, Outbox

__all__ = [
    "age",
    "caisse",
    "day",
    "departement",
    "duration",
    "kind",
    "mail_name",
    "mail_state",
    "minute",
    "paragraphs",
    "plain",
    "theme",
    "wait_time",
]

NBSP = "\u00a0"
MINUTE, HOUR, DAY = 60, 3600, 86_400
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
KINDS = {  # DESIGN §6
    "user": "message",
    "welcome": "accueil",
    "answer": "réponse",
    "clarify": "demande de précision",
    "retry": "relance",
    "handoff_offer": "conseiller proposé",
    "handoff_done": "demande enregistrée",
    "emergency": "urgence",
    "out_of_scope": "hors du domaine",
    "smalltalk": "échange courant",
    "notice": "information",
}
STATES = {  # Outbox.state -> the three words agents need
    "pending": "waiting",
    "sending": "waiting",
    "retry": "waiting",
    "sent": "sent",
    "dead": "failed",
}
MAILS = {"case": "Demande au conseiller", "receipt": "Accusé de réception"}


def age(then: datetime, now: datetime) -> str:
    """How long ago, in words: «il y a 3 heures»."""
    past = (now - then).total_seconds()
    return f"il y a {duration(past)}" if past >= MINUTE else "à l’instant"


def duration(seconds: float) -> str:
    """A duration in its largest unit, rounded down: «45 secondes», «2 jours», «3 mois»."""
    for size, one, many in (
        (365 * DAY, "an", "ans"),
        (30 * DAY, "mois", "mois"),
        (7 * DAY, "semaine", "semaines"),
        (DAY, "jour", "jours"),
        (HOUR, "heure", "heures"),
        (MINUTE, "minute", "minutes"),
        (1, "seconde", "secondes"),
    ):
        count = int(seconds // size)
        if count:
            return f"{count}{NBSP}{one if count == 1 else many}"
    return f"0{NBSP}seconde"


def wait_time(seconds: int) -> str:
    """How long to wait, rounded up: «45 secondes», «5 minutes»."""
    return duration(seconds if seconds < MINUTE else -(-seconds // MINUTE) * MINUTE)


def day(moment: datetime) -> str:
    """The day in France: «22 novembre 2025», «1er mai 2026»."""
    there = moment.astimezone(_paris())
    return f"{there.day}{'er' if there.day == 1 else ''}{NBSP}{MONTHS[there.month - 1]} {there.year}"


def minute(moment: datetime | str | None) -> str:
    """The time of day in France: «14 h 05». A transcript holds its moments as ISO 8601; anything else gives nothing."""
    if not isinstance(moment, datetime):
        try:
            moment = datetime.fromisoformat(moment or "")
        except ValueError:
            return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    there = moment.astimezone(_paris())
    return f"{there.hour}{NBSP}h{NBSP}{there.minute:02}"


def caisse(content: Content, case: Case) -> str:
    """Name of the caisse of a case."""
    name = next((caisse.nom for caisse in content.caisses if caisse.id == case.caisse), None)
    return typography(name) if name else "Caisse à déterminer"


def departement(content: Content, code: str) -> str:
    """«Maine-et-Loire (49)»."""
    name = content.departements.get(code)
    return typography(f"{name} ({code})") if name else code


def theme(content: Content, theme_id: str | None) -> str:
    """Title of a theme; its id when the theme is no more."""
    if not theme_id:
        return "Sujet à préciser"
    known = content.themes.get(theme_id)
    return typography(known.titre) if known else theme_id


def kind(name: str | None) -> str:
    """What a message of a transcript was."""
    return KINDS.get(name or "", name or "")


def mail_name(mail: Outbox) -> str:
    return MAILS.get(mail.kind, mail.kind)


def mail_state(mail: Outbox) -> tuple[str, str]:
    """(waiting | sent | failed, its French word) of a mail."""
    state = STATES.get(mail.state, "waiting")
    sent = "transmis" if mail.kind == "receipt" else "transmise"
    return state, {"waiting": "en attente", "sent": sent, "failed": "en échec"}[state]


def plain(text: object) -> str:
    """A text, or nothing, without control characters nor those that turn the direction of writing."""
    return harmless(str(text or ""))


def paragraphs(text: str) -> list[str]:
    """Blocks between empty lines, without their outer spaces."""
    return [block.strip() for block in re.split(r"\n\s*\n", plain(text)) if block.strip()]


@lru_cache(maxsize=1)
def _paris() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")
