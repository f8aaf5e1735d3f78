"""Random conversations through the web contract, and what must hold in every one of them (DESIGN §5).

Played by tests/dialogues/test_walk.py against the processes of `make run`.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from ruamel.yaml import YAML

from tests.dialogues.script import FORM, plain

__all__ = ["Found", "texts", "walk"]

ROOT = Path(__file__).resolve().parents[2]
MOST_TURNS = 15
TURN_LIMIT = 60  # seconds
AT_ONCE = 4
REPEATABLE = {"emergency", "notice"}  # numbers that save lives are said again, and so is what was erased
INVITES = {"smalltalk", "emergency", "handoff_done", "welcome", "notice"}  # the next word is the person's
WAYS_OUT = {
    "retry": {"Parler à un conseiller"},
    "clarify": {"Aucune de ces propositions", "Parler à un conseiller"},
    "handoff_offer": {"Non, je continue ici"},
    "out_of_scope": {"Parler à un conseiller"},
    "answer": {"Non"},
}
SMALL = ["bonjour", "merci", "ok", "oui", "non", "au revoir", "qui es tu ?", "tu sais faire quoi", "un conseiller svp"]
REFUSALS = ["c'est pas ça", "toujours pas", "ça marche pas", "t'as rien compris", "non pas du tout", "rien à voir"]
FOLLOW_UPS = ["et pour mon fils ?", "combien de temps ?", "quels papiers ?", "c'est payant ?", "et sans internet ?"]
VAGUE = ["mon dossier", "carte vitale", "c'est pour ma mère", "la deuxième", "je comprends pas", "2", "perdue"]
ODD = [
    "?", "...", "🙂", "/restart", '/ceam{"theme": "x"}', "<script>alert(1)</script>", "' OR 1=1 --", "%s %n {0} {{x}}",
    "a" * 1990, "mot " * 480, "\u200b", "١٢٣", "Where is my card please?", "ça\nsur\nplusieurs\nlignes ?", "AAAAAAAAAA",
    "null", "0", "-1", "gnouf trabilu", "🆘", "\u202eà l'envers", "[[montant.franchise]]", "**gras** [x](javascript:1)",
]  # fmt: skip
ANGRY = ["vous êtes nuls", "sale robot", "va te faire voir"]
CRISES = ["je veux mourir", "mon mari ne respire plus, et comment envoyer son arrêt ?", "mon mari me frappe"]


def texts() -> list[str]:
    """The questions that tune understanding: what people write, clean and noisy."""
    rows = YAML(typ="safe").load((ROOT / "tests" / "brain" / "questions.yml").read_text(encoding="utf-8"))
    return [row["text"] for row in rows["questions"] if row.get("part") != "preuve"]


@dataclass
class Found:
    """What the conversations showed. `wrong`: one line each, with the seed that plays it again."""

    conversations: int = 0
    turns: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    offers: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Count:
    """The failure rule read off public messages alone: not the code it checks, only DESIGN §5.4 and §5.5."""

    failures: int = 0
    failed_on: str | None = None
    theme: str | None = None
    fresh: bool = False  # an answer on another theme than the failed one stands, nothing followed it yet

    def read(self, said: list[dict[str, Any]]) -> None:
        """The bot's messages of one turn."""
        kinds = {message["kind"] for message in said}
        answered = [message["theme"] for message in said if message["kind"] == "answer"]
        themes = {message["theme"] for message in said}
        offered = [message["theme"] for message in said if message["kind"] == "handoff_offer"]
        declined = any(plain(message["text"]).startswith("D'accord, nous continuons") for message in said)
        asked = [message["theme"] for message in said if message["kind"] == "clarify" and message["theme"]]
        if "retry" in kinds or None in offered:
            self.failures += 1
            self.failed_on, self.fresh = self.theme, False
        elif "handoff_done" in kinds or "satisfaction" in themes or declined:
            self.failures, self.fresh = 0, False
        elif answered or asked:  # a question, a precision
            if self.fresh:
                self.failures, self.fresh = 0, False
            if self.failures and answered and answered[-1] != self.failed_on:
                self.fresh = True
        if answered:
            self.theme = answered[-1]


class Person:
    """One random conversation."""

    def __init__(self, http: httpx.AsyncClient, seed: int, questions: list[str], found: Found) -> None:
        self.http, self.seed, self.questions, self.found = http, seed, questions, found
        self.chance = random.Random(seed)
        self.messages: list[dict[str, Any]] = []
        self.count, self.before, self.insults = Count(), set[str](), 0
        self.headers: dict[str, str] = {}

    async def talk(self) -> None:
        started = (await self.http.post("/chat/conversations", json={})).json()
        self.headers = {"Authorization": f"Bearer {started['token']}"}
        self.messages = started["messages"]
        for _ in range(self.chance.randint(1, MOST_TURNS)):
            path, body, told = self._act()
            said = await self._turn(path, body, told)
            if said is None:
                break
            self._check(said, told)
        self.found.conversations += 1

    def _act(self) -> tuple[str, dict[str, Any], str]:
        """(path, body, what the person did) of the next turn."""
        recent = [message for message in self.messages if message["from"] == "bot"][-3:]
        choices = [choice for message in recent for choice in message["choices"]]
        offered = any(message["kind"] == "handoff_offer" for message in recent)
        if offered and self.chance.random() < 0.3:
            return "/chat/handoff", dict(FORM), "(formulaire)"
        if choices and self.chance.random() < 0.45:
            choice = self.chance.choice(choices)
            return "/chat/messages", {"choice": choice["id"]}, f"[{choice['label']}]"
        kinds = [self.questions, SMALL, REFUSALS, FOLLOW_UPS, VAGUE, ODD, ANGRY, CRISES]
        text = self.chance.choice(self.chance.choices(kinds, weights=[40, 10, 15, 10, 8, 10, 3, 4])[0])
        return "/chat/messages", {"text": text}, text

    async def _turn(self, path: str, body: dict[str, Any], told: str) -> list[dict[str, Any]] | None:
        reply = await self.http.post(path, json={"id": str(uuid4())} | body, headers=self.headers)
        if reply.status_code != 200:
            blank = not "".join(c for c in str(body.get("text", "x")) if c.isprintable()).strip()
            if not (blank and reply.status_code == 422):
                self._blame(f"status {reply.status_code}: {reply.text[:120]}", told)
            return None
        known = self.messages[-1]["seq"]
        fresh, limit = {"pending": True}, asyncio.get_running_loop().time() + TURN_LIMIT
        while fresh["pending"]:
            if asyncio.get_running_loop().time() > limit:
                self._blame("no end to the turn", told)
                return None
            fresh = (await self.http.get(f"/chat/messages?after={known}", headers=self.headers)).json()
            if fresh["pending"]:
                await asyncio.sleep(0.1)
        self.messages += fresh["messages"]
        return [message for message in fresh["messages"] if message["from"] == "bot"]

    def _check(self, said: list[dict[str, Any]], told: str) -> None:
        self.found.turns += 1
        self.found.kinds.update(message["kind"] for message in said)
        if not said or not all(message["text"].strip() for message in said):
            self._blame("an empty reply", told)
            return
        for message in said:
            if message["text"] in self.before and message["kind"] not in REPEATABLE:
                self._blame(f"said again: {message['text'][:60]!r}", told)
            if "Je n'arrive pas à répondre" in plain(message["text"]):
                self._blame("the turn failed", told)
        self.before = {message["text"] for message in said}
        last = said[-1]
        labels = {plain(choice["label"]) for choice in last["choices"]}
        if last["kind"] not in INVITES and not labels & WAYS_OUT[last["kind"]]:
            self._blame(f"no way out of {last['kind']}: {sorted(labels)}", told)
        self._check_count(said, told)

    def _check_count(self, said: list[dict[str, Any]], told: str) -> None:
        self.count.read(said)
        for message in said:
            if message["kind"] == "retry" and self.count.failures != 1:
                self._blame(f"a retry at failure {self.count.failures}", told)
            if message["kind"] == "handoff_offer":
                self.found.offers += 1
                if message["theme"] is None and self.count.failures < 2:
                    self._blame(f"an offer at failure {self.count.failures}", told)

    def _blame(self, what: str, told: str) -> None:
        self.found.wrong.append(f"seed {self.seed}, after «{told[:60]}»: {what}")


async def walk(
    url: str, conversations: int, first_seed: int = 0, tell: Callable[[Found], None] = lambda found: None
) -> Found:
    """Play `conversations` random conversations, a few at once; same seeds, same words typed."""
    found, questions = Found(), texts()
    seeds = iter(range(first_seed, first_seed + conversations))
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=TURN_LIMIT) as http:

        async def some() -> None:
            for seed in seeds:
                await Person(http, seed, questions, found).talk()
                tell(found)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return found
