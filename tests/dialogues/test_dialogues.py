"""Whole conversations, through the processes of `make run`: what a person types and taps, what the bot must do."""

from pathlib import Path

import pytest

from guichet.content import load_content
from guichet.talk import Talk
from tests.dialogues.script import KEYS, play, read_dialogues

FOLDER = Path(__file__).parent
DIALOGUES = list(read_dialogues(FOLDER))
CONTENT = load_content(FOLDER.parents[1] / "data")


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: f"{dialogue.file}: {dialogue.title}")
def test_dialogue(service, dialogue):
    talk = Talk(service.web)
    differences = play(dialogue, talk, CONTENT)
    talk.close()
    assert not differences, "\n".join([dialogue.title, *differences])


def test_the_scripts_are_well_formed_and_enough():
    assert len(DIALOGUES) >= 60
    assert len({dialogue.title for dialogue in DIALOGUES}) == len(DIALOGUES)
    for dialogue in DIALOGUES:
        assert all(set(turn) <= KEYS and "bot" in turn for turn in dialogue.turns), dialogue.title
