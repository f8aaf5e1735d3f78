"""Dialogues as small scripts, played through the web contract. The language is told in docs/fr/rediger.md.

- dialogue: une carte perdue
  tours:
  - personne: g perdu ma carte vital     what is typed; or `bouton: Non`, `bouton: {theme: ceam}`,
    bot: answer carte_vitale_perte_vol   `bouton: {precision: delai}`; or `formulaire: true`
    contient: vol                        text of the reply; `propose: [themes]` among its buttons
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from guichet.content import Content
from guichet.talk import Talk

__all__ = ["KEYS", "Dialogue", "play", "plain", "read_dialogues"]

KEYS = {"personne", "bouton", "formulaire", "bot", "contient", "propose"}
FORM = {"email": "personne@exemple.fr", "departement": "49", "message": "Ma demande.", "consent": True}


@dataclass(frozen=True)
class Dialogue:
    """One script: its title and its turns, as written."""

    title: str
    turns: list[dict[str, Any]]
    file: str


def read_dialogues(folder: Path) -> Iterator[Dialogue]:
    """Every dialogue of the folder's files, in order."""
    for path in sorted(folder.glob("*.yml")):
        for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            yield Dialogue(entry["dialogue"], entry["tours"], path.stem)


def plain(text: str) -> str:
    """A shown text with ordinary spaces and apostrophes."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def play(dialogue: Dialogue, talk: Talk, content: Content) -> list[str]:
    """Play it to the end; what differs from the script, one line each, after the transcript that led there."""
    wrong, told = [], []
    for turn in dialogue.turns:
        told.append(f"  > {turn.get('personne') or turn.get('bouton') or 'formulaire'}")
        said = _act(turn, talk, content)
        told += [f"  < {_name(message)} : {plain(message['text'])[:100]!r}" for message in said]
        wrong += [f"  {found}\n" + "\n".join(told) for found in _differences(turn, said)]
    return wrong


def _act(turn: dict[str, Any], talk: Talk, content: Content) -> list[dict[str, Any]]:
    if "personne" in turn:
        return talk.say(turn["personne"])
    if "formulaire" in turn:
        return talk.hand_off(**FORM)
    return talk.choose(_button(turn["bouton"], talk, content))


def _button(wanted: str | dict[str, str], talk: Talk, content: Content) -> str:
    """The id of the newest button that is meant: the old ones stay on the screen."""
    offered = [choice for message in reversed(talk.messages) for choice in message["choices"]]
    if isinstance(wanted, dict) and "theme" in wanted:
        found = [choice for choice in offered if choice.get("theme") == wanted["theme"]]
    else:
        label = content.precisions[wanted["precision"]] if isinstance(wanted, dict) else wanted
        found = [choice for choice in offered if plain(choice["label"]) == plain(label)]
    assert found, f"no button {wanted}: {[choice['label'] for choice in offered[:8]]}"
    return found[0]["id"]


def _differences(turn: dict[str, Any], said: list[dict[str, Any]]) -> Iterator[str]:
    wanted = turn["bot"] if isinstance(turn["bot"], list) else [turn["bot"]]
    got = [_name(message) for message in said if message["kind"] != "notice"]
    same = len(got) == len(wanted) and all(_suits(name, want) for name, want in zip(got, wanted, strict=True))
    if not same:
        yield f"expected {wanted}, got {got}"
    if "contient" in turn and plain(turn["contient"]).casefold() not in _all_text(said):
        yield f"{turn['contient']!r} is not said"
    offered = {choice.get("theme") for message in said for choice in message["choices"]}
    missing = set(turn.get("propose", ())) - offered
    if missing:
        yield f"{sorted(missing)} not offered, only {sorted(filter(None, offered))}"


def _all_text(said: list[dict[str, Any]]) -> str:
    return plain(" ".join(message["text"] for message in said)).casefold()


def _name(message: dict[str, Any]) -> str:
    return f"answer {message['theme']}" if message["kind"] == "answer" else message["kind"]


def _suits(name: str, wanted: str) -> bool:
    return name in wanted.split(" ou ")
