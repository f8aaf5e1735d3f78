"""Two believable weeks of a service that nobody used: invented people, written by the functions that real ones use.

Each conversation is drawn from its day and number alone, so a second run adds what is missing and repeats nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from guichet.audit import CLI, Deed
from guichet.content import Content, Display, Theme
from guichet.demo_talk import MARK, Talk, services
from guichet.privacy import Vault
from guichet.staff import EVERY_CAISSE, hash_password, one_time_password
from guichet.store import Store, casework, conversations, staff, switches
from guichet.store.conversations import Reply

__all__ = ["DAYS", "Filled", "accounts", "fill", "holds_real_conversations"]

DAYS = 14  # the week, and the one before it: the dashboard compares them
PER_DAY = (38, 36, 34, 35, 31, 12, 8)  # conversations, Monday to Sunday
ACCOUNTS = (("demo-auteur", "Auteur de démonstration", "author"),
            ("demo-superviseur", "Superviseur de démonstration", "supervisor"))  # fmt: skip
REPLIES = (
    "Bonjour,\n\nVotre dossier est complet. Le paiement est prévu cette semaine.\n\nBien cordialement,",
    "Bonjour,\n\nIl manque une pièce : envoyez-la par la messagerie de votre compte ameli.\n\nBien cordialement,",
    "Bonjour,\n\nLa page était en panne hier. Vous pouvez recommencer la démarche.\n\nBien cordialement,",
)
REASONS = {"personal": 35, "no_theme": 20, "unclear": 15, "other": 12, "teleservice_down": 10, "wrong_answer": 8}
AGENTS = ("demo", "demo-collegue")


@dataclass
class Filled:
    """What was written."""

    conversations: int = 0
    cases: int = 0
    replies: int = 0


def holds_real_conversations(store: Store) -> bool:
    """Whether somebody wrote to this service."""
    return conversations.written_besides(store, MARK)


def accounts(store: Store, now: datetime) -> Iterator[tuple[str, str]]:
    """(login, one-time password) of the demonstration accounts that had to be made."""
    for login, name, role in ACCOUNTS:
        password = one_time_password()
        made = staff.add(
            store, login=login, name=name, role=role, caisses=(), password_hash=hash_password(password),
            must_change=True, now=now, deed=Deed(CLI, "staff.added", now, target=login, detail=role),
        )  # fmt: skip
        if made:
            yield login, password
    staff.add(
        store, login=AGENTS[1], name="Collègue de démonstration", role="agent", caisses=(EVERY_CAISSE,), now=now,
        password_hash=hash_password(one_time_password()), must_change=True,
        deed=Deed(CLI, "staff.added", now, target=AGENTS[1], detail="agent"),
    )  # fmt: skip


def fill(
    store: Store, content: Content, vault: Vault, now: datetime, progress: Callable[[Sequence[date]], Any] = iter
) -> Filled:
    """Write what is missing of the last DAYS days; `progress` wraps the days as they are filled."""
    filled, display = Filled(), Display(content)
    today = now.astimezone(ZoneInfo("Europe/Paris")).date()
    for day in progress([today - timedelta(days=n) for n in reversed(range(DAYS))]):
        growth = 1.0 if (today - day).days < 7 else 0.85
        for number in range(int(PER_DAY[day.weekday()] * growth)):
            name = f"guichet-demo/{day}/{number}"
            chance = random.Random(name)  # noqa: S311 - a draw that can be made again
            at = datetime.combine(day, time(8), ZoneInfo("Europe/Paris")).astimezone(UTC)
            at += timedelta(minutes=chance.triangular(0, 13 * 60, 3 * 60))
            if at > now - timedelta(minutes=30):
                continue
            talk = Talk(store, content, vault, display, chance, str(uuid5(NAMESPACE_URL, name)), at)
            if conversations.exists(store, talk.id):
                continue
            _play(talk)
            filled.conversations += 1
            if talk.reference:
                filled.cases += 1
                filled.replies += _work(talk, now)
    if filled.conversations:
        _outage(store, content, now)
    return filled


def _play(talk: Talk) -> None:
    """One of the courses that conversations take, as often as they take it."""
    chance, theme = talk.chance, _theme(talk)
    talk.opens()
    course = chance.choices(
        ("answer", "precision", "unsure", "refused", "lost", "two failures", "person", "elsewhere", "emergency"),
        (40, 13, 11, 13, 9, 7, 3, 3, 1),
    )[0]
    if course == "unsure":
        talk.is_unsure(theme)
    elif course == "lost":
        talk.is_lost(theme)
        talk.asks(theme)
    elif course == "elsewhere":
        said = "bonjour c'est pour mon dossier de la caf"
        away = Reply(
            *talk.display.message("out_of_scope", talk.content.themes["hors_sujet"].answer, theme="hors_sujet")
        )
        talk.turn(said, {"text": said}, {"intent": "hors_sujet", "reason": "*hors_sujet* (autre organisme)"}, away)
        return
    elif course == "emergency":
        urgent = talk.content.themes["urgence_medicale"]
        reply = Reply(*talk.display.message("emergency", urgent.answer, theme=urgent.id))
        evidence = {"intent": urgent.id, "why": "sécurité", "phrase": "ne respire plus"}
        talk.turn("mon voisin ne respire plus", {"safety": evidence}, evidence, reply)
        return
    elif course == "person":
        offer = Reply(*talk.display.message("handoff_offer", talk.content.themes["parler_conseiller"].answer,
                                            theme="parler_conseiller"))  # fmt: skip
        said = "je veux parler à quelqu'un"
        talk.turn(said, {"text": said}, {"intent": "parler_conseiller", "reason": "*parler_conseiller*"}, offer)
        if chance.random() < 0.7:
            talk.sends_form()
        return
    else:
        talk.asks(theme)
    if course == "two failures":
        talk.refuses()
        talk.is_lost(theme, "relais_deux_echecs")
        if chance.random() < 0.75:
            talk.sends_form()
        return
    if course == "refused":
        talk.refuses()
        talk.asks(talk.content.themes[chance.choice(theme.proches)] if theme.proches else _theme(talk))
    if course == "precision":
        talk.precises(theme)
    elif course != "refused" and chance.random() < 0.4:
        talk.follows(theme)
    if chance.random() < 0.35:
        talk.agrees()


def _theme(talk: Talk) -> Theme:
    """The frequent ones four times out of ten."""
    if talk.chance.random() < 0.4:
        return talk.content.themes[talk.chance.choice(talk.content.frequent)]
    return talk.chance.choice(services(talk.content))


def _work(talk: Talk, now: datetime) -> int:
    """What agents did with its case so far; returns how many replies they wrote."""
    chance, who = talk.chance, talk.chance.choice(AGENTS)
    taken = talk.at + timedelta(minutes=chance.randint(5, 240))
    replied = taken + timedelta(hours=min(chance.lognormvariate(1.2, 0.9), 60))
    if taken > now or chance.random() < 0.12:
        return 0
    assert talk.reference
    seen = casework.Seen(None, talk.reference, 0)
    casework.take(talk.store, seen, Deed(who, "case.taken", taken, target=talk.reference))
    if replied > now or chance.random() < 0.1:
        return 0
    text, reason = chance.choice(REPLIES), chance.choices(list(REASONS), list(REASONS.values()))[0]
    closing = Deed(who, "case.closed", replied, target=talk.reference) if chance.random() < 0.8 else None
    casework.reply(
        talk.store, casework.Seen(None, talk.reference, 1), talk.vault.seal({"text": text}),
        Deed(who, "case.replied", replied, target=talk.reference), closing=closing, reason=reason if closing else "",
    )  # fmt: skip
    return 1


def _outage(store: Store, content: Content, now: datetime) -> None:
    """A téléservice that was down for three hours, four days ago; once."""
    if switches.active(store, now) or switches.ended(store, now, 1):
        return
    service = content.themes[content.frequent[0]].teleservices[0]
    began, target = now - timedelta(days=4), f"teleservice:{service}"
    switches.stop(
        store, what="teleservice", target=service, until=None,
        message="Ce service est en panne. Réessayez demain, ou appelez le [36 46](tel:3646).",
        comment="Panne confirmée par l'équipe du compte ameli.",
        deed=Deed("demo-superviseur", "switch.stopped", began, target=target),
    )  # fmt: skip
    restored = Deed("demo-superviseur", "switch.restored", began + timedelta(hours=3), target=target)
    switches.restore(store, "teleservice", service, restored)
