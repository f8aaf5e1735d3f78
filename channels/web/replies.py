"""From the brain's utterances, or an incident, to the messages a person sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from guichet.content import NOTHING_OFF, Content, Display, Off
from guichet.safety import Detection
from guichet.store.conversations import Reply

__all__ = ["Replies"]

NEAR = 3  # buttons of near themes beside a theme switched off


class Replies:
    """Composes messages; knows no database and no network."""

    def __init__(self, content: Content) -> None:
        self.content, self.display = content, Display(content)

    def said(self, text: str) -> Reply:
        """The person's own message."""
        return Reply({"kind": "user", "theme": None, "text": text, "links": [], "choices": []})

    def welcome(self, off: Off = NOTHING_OFF) -> list[Reply]:
        """With the frequent questions as choices; with the bot switched off, that and the other ways."""
        if off.bot is not None:
            return self.closed(off.bot)
        themes = (self.content.themes[name] for name in self.content.frequent if name not in off.themes)
        choices = [{"label": theme.bouton, "intent": theme.id, "theme": theme.id} for theme in themes]
        return [Reply(*self.display.message("welcome", self.content.texts["accueil"], choices=choices))]

    def emergency(self, detection: Detection) -> list[Reply]:
        """The urgence theme's own text, number first; no Rasa needed."""
        theme = self.content.themes[detection.theme]
        return [Reply(*self.display.message("emergency", theme.answer, theme=theme.id))]

    def doubt(self, theme: str) -> Reply:
        """The numbers of an emergency that a message may speak of, beside its answer."""
        return Reply(*self.display.message("notice", self.content.texts[f"doute_{theme}"], theme=theme))

    def question_left(self) -> list[Reply]:
        """After the numbers of an emergency: the question that stood beside it has no answer yet, and may be asked."""
        choices = [{"label": self.content.texts["bouton_conseiller"], "intent": "parler_conseiller"}]
        return [Reply(*self.display.message("notice", self.content.texts["question_laissee"], choices=choices))]

    def closed(self, message: str) -> list[Reply]:
        """The bot is switched off: what the operator says, and a person without the brain's help."""
        told = Reply(*self.display.message("notice", message))
        return [told, self._say("handoff_offer", "arret_autres_moyens")]

    def of_brain(
        self,
        utterances: Iterable[dict[str, Any]],
        *,
        about: str | None = None,
        just_said: Collection[str] = (),
        off: Off = NOTHING_OFF,
    ) -> list[Reply]:
        """One message an utterance; of several answers only the last asks whether it helped.

        `about`: for whom the question is. `just_said`: what the turn before said; none of it is said again.
        `off`: what is switched off; an answer on such a theme is replaced by the operator's message.
        """
        replies = []
        for utterance in utterances:
            custom = utterance["custom"]
            if custom.get("kind") == "answer" and custom.get("theme") in off.themes:
                replies.append(self._suspended(custom["theme"], off))
                continue
            body, offers = self.display.message(
                custom.get("kind") or "smalltalk",
                utterance["text"],
                theme=custom.get("theme"),
                precision=custom.get("precision"),
                about=about,
                choices=custom.get("choices"),
                off=off,
            )
            organisme = self.content.organismes.get(custom.get("organisme") or "")
            if organisme and organisme.url:
                link = {"id": organisme.id, "label": organisme.nom, "url": organisme.url, "login": False}
                body = body | {"links": [link]}
            replies.append(Reply(body, offers))
        return [self._not_again(reply, just_said) for reply in _one_verdict(replies)]

    def _suspended(self, theme: str, off: Off) -> Reply:
        """No verdict is asked, so it cannot be refused; near themes and a counsellor are the ways on."""
        known = self.content.themes.get(theme)
        near = [self.content.themes[name] for name in (known.proches if known else ()) if name not in off.themes]
        choices = [{"label": one.bouton, "intent": one.id, "theme": one.id} for one in near[:NEAR]]
        choices.append({"label": self.content.texts["bouton_conseiller"], "intent": "parler_conseiller"})
        text = f"{off.themes[theme]}\n\n{self.content.texts['arret_sujet']}"
        return Reply(*self.display.message("notice", text, theme=theme, choices=choices, off=off))

    def _not_again(self, reply: Reply, just_said: Collection[str]) -> Reply:
        """Other words, and the same links and buttons, for what was just said; emergency numbers may be repeated."""
        key = f"encore_{reply.body['kind']}"
        if reply.body["text"] not in just_said or key not in self.content.texts:
            return reply
        return Reply(reply.body | {"text": self.display.say(key)}, reply.offers)

    def case_opened(
        self, reference: str, caisse: str | None, *, added: bool = False, just_said: Collection[str] = ()
    ) -> Reply:
        """The receipt of the form: a new case, or `added` to the one that is open."""
        values = {"reference": reference, "caisse": caisse or self.content.texts["relais_generique"]}
        keys = ["relais_ajoute", "relais_ajoute_encore"] if added else ["relais_enregistre"]
        told = [self._say("handoff_done", key, **values) for key in keys]
        reply = next((reply for reply in told if reply.body["text"] not in just_said), told[0])
        return Reply(reply.body | {"reference": reference}, reply.offers)

    def failure(self, request: dict[str, Any]) -> list[Reply]:
        """Never silence: what happened, try again, and a person without the brain's help."""
        retry = {"label": self.content.texts["bouton_reessayer"], "intent": None, "entities": request}
        body, offers = self.display.message("notice", self.content.texts["panne"], choices=[retry])
        offer, none = self.display.message("handoff_offer", self.content.texts["panne_relais"])
        return [Reply(body, offers), Reply(offer, none)]

    def masked(self, kinds: Iterable[str]) -> list[Reply]:
        """Tells the person that an identifier was erased, kindly and once a message."""
        named = [self.content.texts[f"cache_{kind}"] for kind in kinds]
        if not named:
            return []
        listed = " et ".join(filter(None, (", ".join(named[:-1]), named[-1])))
        return [self._say("notice", "identite_cachee", quoi=listed)]

    def _say(self, kind: str, key: str, **values: str) -> Reply:
        return Reply(*self.display.message(kind, self.content.texts[key].format(**values)))


def _one_verdict(replies: list[Reply]) -> list[Reply]:
    answers = [n for n, reply in enumerate(replies) if reply.body["kind"] == "answer"]
    for n in answers[:-1]:
        reply = replies[n]
        replies[n] = Reply(reply.body | {"choices": reply.body["choices"][:-2]}, reply.offers[:-2])
    return replies
