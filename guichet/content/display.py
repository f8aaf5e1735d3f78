"""From what the brain said to what the person sees: amounts, links, typography, buttons."""

from __future__ import annotations

import re
from typing import Any

from guichet.content.library import Content
from guichet.content.off import NOTHING_OFF, Off
from guichet.content.themes import Theme

__all__ = ["Display", "typography"]

NBSP = "\u00a0"
THIN = "\u202f"
LINK = re.compile(r"(\]\([^)\s]*\))")
REGISTRY_LINK = re.compile(r"\[([^\]]*)\]\(teleservice:([^)]*)\)")


class Display:
    """Builds public messages (DESIGN §6) out of content. Pure: same content, same utterance, same message.

    `off` is what operators switched off: no link to such a téléservice is made, its message is told instead.
    """

    def __init__(self, content: Content) -> None:
        self.content = content

    def text(self, raw: str, off: Off = NOTHING_OFF) -> str:
        """An author's text with its amounts, registry links and French typography."""
        with_amounts = re.sub(r"\[\[montant\.([^\]]*)\]\]", self._montant, raw)
        with_links = REGISTRY_LINK.sub(lambda match: self._link(match[1], match[2], off), with_amounts)
        return typography(with_links.strip())

    def say(self, key: str, **values: str) -> str:
        """A sentence of data/textes.yml, its {places} filled."""
        return self.text(self.content.texts[key].format(**values))

    def message(
        self,
        kind: str,
        text: str,
        *,
        theme: str | None = None,
        precision: str | None = None,
        about: str | None = None,
        choices: list[dict[str, Any]] | None = None,
        off: Off = NOTHING_OFF,
    ) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
        """(public body without seq, what each choice stands for) of one bot utterance.

        `choices` are the brain's own: {label, intent, entities?, theme?}. An answer gets its theme's links, source,
        precisions and «Oui / Non» besides; the precision that `about` names (for whom the question is) comes first.
        """
        known = self.content.themes.get(theme or "")
        answered = known if kind == "answer" else None
        told = [self.text(text, off), *self._outages(text, answered, off)]
        body: dict[str, Any] = {"kind": kind, "theme": theme, "text": "\n\n".join(told), "links": [], "choices": []}
        offers = [dict(choice) for choice in choices or ()]
        if kind == "answer" and known:
            body["links"] = [link for link in self.links(known) if link["id"] not in off.teleservices]
            if known.source:
                checked = known.verifie_le.isoformat() if known.verifie_le else None
                body["source"] = {"url": known.source, "checked_on": checked}
            offers = [*self._precisions(known, precision, about), *offers, *self._verdict()]
        body["choices"] = [
            {"label": self._label(offer, off)} | ({"theme": offer["theme"]} if offer.get("theme") else {})
            for offer in offers
        ]
        carried = tuple({"intent": o["intent"], "entities": o.get("entities") or {}} for o in offers)
        return body, carried

    def links(self, theme: Theme) -> list[dict[str, Any]]:
        """Deep links of a theme, in the author's order."""
        services = (self.content.teleservices[name] for name in theme.teleservices)
        return [{"id": s.id, "label": typography(s.libelle), "url": s.url, "login": s.login} for s in services]

    def _precisions(self, theme: Theme, shown: str | None, first: str | None) -> list[dict[str, Any]]:
        return [
            {"label": label, "intent": "precision", "entities": {"precision": key, "theme": theme.id}}
            for key, label in sorted(self.content.precisions.items(), key=lambda row: row[0] != first)
            if key in theme.precisions and key != shown
        ]

    def _verdict(self) -> list[dict[str, Any]]:
        return [
            {"label": self.content.texts["choix_oui"], "intent": "satisfaction"},
            {"label": self.content.texts["choix_non"], "intent": "insatisfaction"},
        ]

    def _montant(self, match: re.Match[str]) -> str:
        montant = self.content.montants.get(match.group(1))
        if montant is None:  # a model older than the registry: say so rather than invent
            return self.content.texts["montant_inconnu"]
        return f"{montant.valeur.replace(' ', THIN)}{NBSP if montant.unite else ''}{montant.unite}"

    def _link(self, label: str, teleservice: str, off: Off) -> str:
        if teleservice in off.teleservices:
            return label
        service = self.content.teleservices.get(teleservice)
        return f"[{label}]({service.url if service else 'https://www.ameli.fr/'})"

    def _outages(self, raw: str, answered: Theme | None, off: Off) -> list[str]:
        """What to say of the téléservices that a text or its theme links to and that are switched off, once each."""
        linked = [match[2] for match in REGISTRY_LINK.finditer(raw)]
        if answered:
            linked = [*answered.teleservices, *linked]
        said = (self.text(off.teleservices[name]) for name in linked if name in off.teleservices)
        return list(dict.fromkeys(said))

    def _label(self, offer: dict[str, Any], off: Off) -> str:
        """A button; of a theme switched off it says so: whoever meant that theme finds it, and what to do instead."""
        label = typography(offer["label"])
        return f"{label} {self.content.texts['arret_bouton']}" if offer.get("theme") in off.themes else label


def typography(text: str) -> str:
    """French spaces and apostrophes; addresses are left alone."""
    parts = LINK.split(text)
    return "".join(part if n % 2 else _typeset(part) for n, part in enumerate(parts))


def _typeset(text: str) -> str:
    text = text.replace("'", "’").replace("...", "…")
    text = re.sub(r" ([;!?»])", lambda m: (NBSP if m[1] == "»" else THIN) + m[1], text)
    text = re.sub(r" :(?=\s|$)", NBSP + ":", text)
    text = re.sub(r"« ", "«" + NBSP, text)
    return re.sub(r"(?<=\d) (?=(?:€|%|\d{2,3}\b))", NBSP, text)
