"""One invented conversation, written turn by turn by the functions that real ones use."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from guichet import cases
from guichet.content import Content, Display, Theme
from guichet.privacy import Vault
from guichet.safety.normalise import fold
from guichet.store import Store, conversations, handoffs
from guichet.store.conversations import Reply

__all__ = ["MARK", "Talk", "services"]

MARK = "demo:"  # how the token hash of an invented conversation begins: no token opens it
PEOPLE = ("Jeanne Martin", "Ali Benali", "Chloé Roux", "Michel Garnier", "Fatou Diallo", "Thi Nguyen", "Paul Lefèvre",
          "Inès Moreau", "Marc Blanchard", "Sofia Costa", "Yann Le Goff", "Nadia Haddad")  # fmt: skip
DEPARTEMENTS = ("49", "53", "44", "35", "72", "85", "59", "69", "13", "75")
LOST = (  # messages that no theme answers well
    "le truc que j'ai envoyé la dernière fois il est où", "ma mutuelle dit que c'est à vous de payer la différence",
    "j'ai reçu un papier bizarre avec un code dessus", "pk mon médecin veut pas prendre ma carte",
    "c'est quoi NOEMIE", "je voudrais annuler ce que j'ai fait hier", "mon patron dit que c'est pas bon",
    "toujours rien", "on m'a dit de vous demander le formulaire", "je comprend rien a mon relevé la ligne 3",
    "le site tourne en boucle depuis ce matin", "est ce que la cure compte pour mon fils de 4 ans en juillet",
)  # fmt: skip
SUMMARIES = (
    "Je n'ai toujours pas eu de réponse à ma demande et je ne sais plus quoi faire.",
    "Ma situation est particulière : je travaille dans deux départements.",
    "La réponse de l'assistant ne correspond pas à ce que je vois sur mon compte.",
    "J'ai envoyé les papiers il y a un mois. Pouvez-vous me dire s'il en manque ?",
)
FEEDBACK = ("incomplete", "fausse", "pas_claire", "hors_sujet")


@dataclass
class Talk:
    """One invented conversation, under way; `chance` is its own."""

    store: Store
    content: Content
    vault: Vault
    display: Display
    chance: random.Random
    id: str
    at: datetime
    turns: int = 0
    last_seq: int = 0
    reference: str | None = None

    def opens(self) -> None:
        welcome = Reply(*self.display.message("welcome", self.content.texts["accueil"]))
        conversations.create(
            self.store, conversation_id=self.id, token_hash=MARK + hashlib.sha256(self.id.encode()).hexdigest()[:48],
            now=self.at, expires_at=self.at + timedelta(days=1), departement=None, identity=None, welcome=[welcome],
        )  # fmt: skip

    def turn(self, text: str, request: dict[str, Any], decision: dict[str, Any], *said: Reply) -> None:
        self.at += timedelta(seconds=self.chance.randint(15, 90))
        self.turns += 1
        person = Reply({"kind": "user", "theme": None, "text": text, "links": [], "choices": []})
        message_id = str(uuid5(NAMESPACE_URL, f"{self.id}/{self.turns}"))
        at_once = said if "safety" in request else ()
        state = conversations.begin_turn(self.store, self.id, message_id, request, person, self.at, at_once)
        self.at += timedelta(seconds=1)
        later = () if "safety" in request else said
        conversations.finish_turn(self.store, state.id, "done", later, decision, self.at)
        self.last_seq = conversations.messages(self.store, self.id)[0][-1]["seq"]

    def asks(self, theme: Theme, *, button: bool = False) -> None:
        """A question on a theme, in the words of one of its examples or by its button, and the answer."""
        answer = Reply(*self.display.message("answer", theme.answer, theme=theme.id))
        if button:
            return self._presses(theme.bouton, theme.id, answer)
        said = self.chance.choice(theme.examples)
        sure = self.chance.uniform(0.62, 0.97)
        ranking = self._ranking(theme.id, sure)
        reason = f"compris comme *{theme.id}* ({_comma(sure)}) ; *{ranking[1]['name']}* écarté ({_comma(0.05)})"
        decision = {"intent": theme.id, "why": "sûr", "reason": reason, "ranking": ranking}
        return self.turn(said, {"text": said}, decision, answer)

    def precises(self, theme: Theme) -> None:
        if theme.precisions:
            key = self.chance.choice(sorted(theme.precisions))
            told = self.display.message("answer", theme.precisions[key], theme=theme.id, precision=key)
            self._presses(self.content.precisions[key], "precision", Reply(*told))

    def is_unsure(self, theme: Theme) -> None:
        """Too vague: «de quoi s'agit-il ?», and a choice."""
        near = [self.content.themes[one] for one in theme.proches[:2]]
        said = " ".join(self.chance.choice(theme.examples).split()[:3])
        offers = [{"label": one.bouton, "intent": one.id, "theme": one.id} for one in (theme, *near)]
        asked = Reply(*self.display.message("clarify", self.content.texts["clarifier"], choices=offers))
        hesitating = "hésite entre " + " ; ".join(f"*{one.id}* (0,3)" for one in (theme, *near))
        decision = {"intent": "clarification", "reason": hesitating, "ranking": self._ranking(theme.id, 0.34)}
        self.turn(said, {"text": said}, decision, asked)
        self.asks(theme, button=True)

    def is_lost(self, theme: Theme, key: str = "relance_incompris") -> None:
        said = self.chance.choice(LOST)
        reason = f"pas compris (pas sûr), le plus proche est *{theme.id}* (0,21)"
        decision = {
            "intent": "nlu_fallback",
            "why": "pas sûr",
            "reason": reason,
            "ranking": self._ranking(theme.id, 0.21),
        }
        kind = "handoff_offer" if key.startswith("relais") else "retry"
        self.turn(said, {"text": said}, decision, self._says(kind, key))

    def agrees(self) -> None:
        self._presses(self.content.texts["choix_oui"], "satisfaction", self._says("smalltalk", "encore_smalltalk"))

    def refuses(self, key: str = "relance_question") -> None:
        if self.chance.random() < 0.5:
            conversations.add_feedback(self.store, self.id, self.last_seq, self.chance.choice(FEEDBACK), self.at)
        kind = "handoff_offer" if key.startswith("relais") else "retry"
        self._presses(self.content.texts["choix_non"], "insatisfaction", self._says(kind, key))

    def follows(self, theme: Theme) -> None:
        """A link of the last answer."""
        if theme.teleservices:
            service = self.chance.choice(theme.teleservices)
            conversations.add_click(self.store, self.id, self.last_seq, service, self.at + timedelta(seconds=5))

    def sends_form(self) -> None:
        self.at += timedelta(minutes=2)
        name = self.chance.choice(PEOPLE)
        email = f"{fold(name.split()[0])}.{self.id[:6]}@example.org"  # RFC 2606: nobody's, and the relay accepts it
        handoff_id = str(uuid5(NAMESPACE_URL, f"{self.id}/form"))
        handoffs.add_handoff(
            self.store, handoff_id=handoff_id, conversation_id=self.id, summary=self.chance.choice(SUMMARIES),
            contact=self.vault.seal({"email": email, "name": name}), mailbox=cases.mailbox_of(self.vault, email),
            departement=self.chance.choice(DEPARTEMENTS), verified=self.chance.random() < 0.3, now=self.at,
        )  # fmt: skip
        self.reference = cases.open_case(self.store, self.content, handoff_id, self.at)
        told = self._says("handoff_done", "relais_enregistre", reference=self.reference, caisse="votre caisse")
        request = {"intent": "soumettre_dossier", "entities": {"handoff": handoff_id}}
        done = Reply(told.body | {"reference": self.reference})
        self.turn(self.content.texts["demande_envoyee"], request, {"intent": "soumettre_dossier"}, done)

    def _presses(self, label: str, intent: str, *said: Reply) -> None:
        decision = {"intent": intent, "why": "bouton", "reason": f"bouton : *{intent}*", "ranking": []}
        self.turn(label, {"intent": intent, "entities": {}, "text": label}, decision, *said)

    def _says(self, kind: str, key: str, **values: str) -> Reply:
        return Reply(*self.display.message(kind, self.content.texts[key].format(**values)))

    def _ranking(self, first: str, sure: float) -> list[dict[str, Any]]:
        others = self.chance.sample([one.id for one in services(self.content) if one.id != first], 4)
        left = (1 - sure) / 6
        return [{"name": first, "confidence": round(sure, 4)}] + [
            {"name": one, "confidence": round(left / (n + 1), 4)} for n, one in enumerate(others)
        ]


def services(content: Content) -> list[Theme]:
    """The themes of the insurance itself, in one order."""
    known = (one for one in content.themes.values() if one.famille not in ("conversation", "urgences"))
    return sorted(known, key=lambda one: one.id)


def _comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")
