"""How messages are read before they are compared."""

import pytest

from brain.channel import cleaned
from brain.words import expand, fold, phonetic, segments, spoken


def test_case_accents_apostrophes_and_insistence_do_not_matter():
    assert fold("J’AI  PERDUUUUU ma Carte Éuropéenne") == "j'ai perduu ma carte europeenne"


def test_shouting_is_lowered_for_the_encoder_but_acronyms_are_kept():
    assert spoken("OU EST MON ARGENT") == "ou est mon argent"
    assert spoken("Ma CEAM est perdue") == "Ma CEAM est perdue"


def test_abbreviations_are_written_out():
    assert expand("G pa reçu mes IJ", {"g": "j'ai", "pa": "pas"}) == "j'ai pas recu mes ij"


@pytest.mark.parametrize(
    ("written", "right"), [("aret", "arret"), ("kestion", "question"), ("rembourser", "remboursé")]
)
def test_words_that_sound_alike_are_read_alike(written, right):
    assert phonetic(fold(written)) == phonetic(fold(right))


def test_a_message_is_cut_where_a_second_question_may_start():
    assert segments("j'ai perdu ma carte et comment changer mon adresse ?") == [
        "j'ai perdu ma carte",
        "changer mon adresse",
    ]
    assert len(segments("j'ai perdu ma carte vitale")) == 1


@pytest.mark.parametrize(
    "order", ["/restart", "  /restart", "\n\t/ /restart", "\u00a0/restart", "//restart", "\x1f/restart"]
)
def test_no_text_reaches_rasa_as_an_order(order):
    assert not cleaned(order).strip().startswith("/")
    assert cleaned(order) == "restart"
