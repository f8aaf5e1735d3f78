"""Small pieces of French that templates put together: ages, dates, names of things; and texts made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from guichet.audit import CLI
from guichet.cases import REASONS
from guichet.content import Content
from guichet.content.bare import harmless
from guichet.content.display import typography
from guichet.moments import DAY, MINUTE, day, duration, minute
from guichet.staff import EVERY_CAISSE
from guichet.store.tables import Case, CaseEvent, Outbox

__all__ = [
    "age",
    "caisse",
    "caisses",
    "day",
    "departement",
    "duration",
    "happened",
    "identifiers",
    "kind",
    "mail_name",
    "mail_state",
    "minute",
    "paragraphs",
    "plain",
    "reasoned",
    "role",
    "theme",
    "wait_time",
    "waiting",
]

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
STEPS = {  # what a message was understood to be, when it is no theme: brain/decision.py
    "clarification": "message à préciser",
    "decliner_relais": "refus d'un conseiller",
    "nlu_fallback": "rien de sûr",
    "plusieurs_questions": "deux questions",
    "precision": "suite de la réponse",
}
STATES = {  # Outbox.state -> the three words agents need
    "pending": "waiting",
    "sending": "waiting",
    "retry": "waiting",
    "sent": "sent",
    "dead": "failed",
}
ROLES = {
    "agent": "conseiller",
    "author": "auteur",
    "supervisor": "superviseur",
    "admin": "administrateur",
}
MAILS = {"case": "Demande au conseiller", "receipt": "Accusé de réception", "reply": "Réponse"}
EVENTS = {
    "taken": "a pris le dossier",
    "released": "a rendu le dossier",
    "given": "a confié le dossier à",
    "note": "a ajouté une note",
    "reply": "a répondu à la personne",
    "closed": "a clos le dossier",
    "reopened": "a rouvert le dossier",
    "resent": "a renvoyé les mails en échec",
    "added": "a complété sa demande",
}
IDENTIFIERS = {
    "iban": "le numéro de compte bancaire",
    "carte": "le numéro de carte bancaire",
    "carte_sante": "le numéro de carte d’assurance maladie",
    "mot_de_passe": "le mot de passe",
    "code": "le code confidentiel",
}
LATE, VERY_LATE = 1, 3  # days that an open case has waited for its first reply


def age(then: datetime, now: datetime) -> str:
    """How long ago, in words: «il y a 3 heures»."""
    past = (now - then).total_seconds()
    return f"il y a {duration(past)}" if past >= MINUTE else "à l’instant"


def wait_time(seconds: int) -> str:
    """How long to wait, rounded up: «45 secondes», «5 minutes»."""
    return duration(seconds if seconds < MINUTE else -(-seconds // MINUTE) * MINUTE)


def caisse(content: Content, caisse_id: str) -> str:
    """Name of a caisse."""
    name = next((caisse.nom for caisse in content.caisses if caisse.id == caisse_id), None)
    return typography(name) if name else "Caisse à déterminer"


def caisses(content: Content, given: Iterable[str]) -> str:
    """The caisses given to someone: «Toutes», their names, or «Aucune»."""
    if EVERY_CAISSE in given:
        return "Toutes"
    return ", ".join(sorted(caisse(content, one) for one in given)) or "Aucune"


def departement(content: Content, code: str) -> str:
    """«Maine-et-Loire (49)»."""
    name = content.departements.get(code)
    return typography(f"{name} ({code})") if name else code


def theme(content: Content, theme_id: str | None) -> str:
    """Title of a theme, or what else a message was; the id when the theme is no more."""
    if not theme_id:
        return "Sujet à préciser"
    known = content.themes.get(theme_id)
    return typography(known.titre if known else STEPS.get(theme_id, theme_id))


def reasoned(content: Content, reason: str) -> str:
    """The brain's line on its decision, its *theme_ids* by their titles: agents know no id."""
    return typography(re.sub(r"\*(\w+)\*", lambda named: f"« {theme(content, named[1])} »", reason))


def waiting(case: Case, now: datetime) -> tuple[str, str]:
    """(fresh | late | overdue | answered | closed, its words) of a case: how long the person has waited."""
    if case.state != "open":
        return "closed", "clos"
    if case.first_reply_at:
        return "answered", "répondu"
    past = (now - case.created_at).total_seconds()
    words = f"attend depuis {duration(past)}" if past >= MINUTE else "vient d’arriver"
    return ("overdue" if past >= VERY_LATE * DAY else "late" if past >= LATE * DAY else "fresh"), words


def happened(event: CaseEvent, names: dict[str, str]) -> str:
    """What happened to a case, in a sentence: «Camille Durand a confié le dossier à Sacha Petit»."""
    who = "Un administrateur" if event.who == CLI else plain(names.get(event.who, event.who)) or "La personne"
    words = EVENTS.get(event.kind, event.kind)
    if event.kind == "given":
        words += f" {plain(names.get(event.detail, event.detail))}"
    elif event.kind == "closed":
        words += f" : {REASONS.get(event.detail, event.detail)}"
    return typography(f"{who} {words}")


def identifiers(kinds: Iterable[str]) -> str:
    """What must go from a text: «le numéro de sécurité sociale et le mot de passe»."""
    return " et ".join(dict.fromkeys(IDENTIFIERS.get(one, "le numéro de sécurité sociale") for one in kinds))


def kind(name: str | None) -> str:
    """What a message of a transcript was."""
    return KINDS.get(name or "", name or "")


def mail_name(mail: Outbox) -> str:
    return MAILS.get(mail.kind, mail.kind)


def mail_state(mail: Outbox) -> tuple[str, str]:
    """(waiting | sent | failed, its French word) of a mail."""
    state = STATES.get(mail.state, "waiting")
    sent = "transmis" if mail.kind == "receipt" else "envoyée" if mail.kind == "reply" else "transmise"
    return state, {"waiting": "en attente", "sent": sent, "failed": "en échec"}[state]


def role(name: str) -> str:
    return ROLES.get(name, name)


def plain(text: object) -> str:
    """A text, or nothing, without control characters nor those that turn the direction of writing."""
    return harmless(str(text or ""))


def paragraphs(text: str) -> list[str]:
    """Blocks between empty lines, without their outer spaces."""
    return [block.strip() for block in re.split(r"\n\s*\n", plain(text)) if block.strip()]
