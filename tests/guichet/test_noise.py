"""Noise: what each habit does to a sentence, and what none may do."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.noise import NOISES, accents, apostrophes, capitals, learner, slip, sms, two_slips

FRENCH = st.text(alphabet="abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûüœ'’ -.,?!0123456789²½①٣«»ABCÉ", min_size=1)
TEXTS = st.one_of(FRENCH, st.text(min_size=1))
SENTENCE = "Qu'est-ce que je dois faire ? J'ai perdu ma carte Vitale, s'il vous plaît."


@pytest.mark.parametrize(
    ("spoil", "text", "spoilt"),
    [
        (accents, "Où est l'œdème de ma sœur, à Besançon ?", "Ou est l'oedeme de ma soeur, a Besancon ?"),
        (apostrophes, "l’attestation d'aujourd'hui", "lattestation daujourdhui"),
        (capitals, "où est-elle ?", "OÙ EST-ELLE ?"),
        (sms, SENTENCE, "keske je dois faire ? g perdu ma carte vitale, svp"),
        (sms, "Je n’ai pas reçu mon code, c’est quand ?", "g pa recu mon code, c qd"),
        (learner, SENTENCE, "quoi moi devoir faire ? moi avoir perdu ma carte Vitale, s'il vous plaît."),
        (learner, "L'employeur a envoyé l'attestation", "employeur avoir envoyé attestation"),
    ],
)
def test_what_a_habit_does(spoil, text, spoilt):
    assert spoil(text) == spoilt


def test_a_whole_word_is_rewritten_never_a_part_of_one():
    assert sms("quitter la comptabilité") == "quitter la comptabilite"
    assert learner("lesquelles, est-elle, aujourd'hui") == "lesquelles, est-elle, aujourd'hui"


def distance(one: str, other: str) -> int:
    """Letters added, removed or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        row, before = [n], row
        for m, b in enumerate(other, 1):
            row.append(min(before[m] + 1, row[-1] + 1, before[m - 1] + (a != b)))
    return row[-1]


def test_slips_are_small():
    for n in range(200):
        text = f"ma demande de remboursement {'abcdefghij'[n % 10] * 3} {n}"
        assert 1 <= distance(text, slip(text)) <= 2
        assert distance(text, two_slips(text)) <= 4


def test_fingers_do_not_slip_in_short_words_or_numbers():
    assert slip("je ne le vois pas le 12345") != "je ne le vois pas le 12345"
    assert slip("a un rib 12345") == "a un rib 12345"


def test_a_slip_does_not_depend_on_the_process():
    command = [sys.executable, "-c", f"from guichet.noise import slip; print(slip({SENTENCE!r}))"]
    said = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PYTHONUTF8": "1"}, capture_output=True,
                       text=True, check=True).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert said == {slip(SENTENCE)}


@given(TEXTS)
@pytest.mark.parametrize("spoil", NOISES.values(), ids=NOISES)
def test_noise_is_the_same_each_time(spoil, text):
    assert spoil(text) == spoil(text)


@given(TEXTS)
@pytest.mark.parametrize("spoil", NOISES.values(), ids=NOISES)
def test_noise_never_empties_a_text(spoil, text):
    assert bool(spoil(text).strip()) == bool(text.strip())


@given(TEXTS)
@pytest.mark.parametrize("spoil", NOISES.values(), ids=NOISES)
def test_noise_never_touches_a_digit(spoil, text):
    assert [c for c in spoil(text) if c.isdigit()] == [c for c in text if c.isdigit()]
