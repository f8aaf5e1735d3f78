"""How messages are read before they are compared."""

import pytest

from brain.channel import cleaned
from brain.words import fold, fold_each, phonetic, plain, shouted


def test_case_accents_apostrophes_and_insistence_do_not_matter():
    assert fold("J’AI  PERDUUUUU ma Carte Éuropéenne") == "j'ai perduu ma carte europeenne"


@pytest.mark.parametrize(("written", "read"), [("cœur", "coeur"), ("e\u0301te\u0301", "ete"), ("Łódź", "łodz")])
def test_letters_come_down_to_their_plain_form_however_they_were_typed(written, read):
    assert fold(written) == read


def test_many_words_are_folded_as_each_alone():
    words = [
        "carte",
        "Éuropéenne",
        "PERDUUUUU",
        "l’été",
        "e\u0301te\u0301",
        "Łódź",
        "straße",
        "İzmir",
        "",
        "cœur",
        "aaa",
    ]
    assert fold_each(words) == [fold(word) for word in words]
    assert fold_each([]) == []


def test_punctuation_counts_for_nothing_in_spelling_features():
    assert plain("« Où est-il ?! »") == "ou est il"


def test_a_message_in_capitals_is_told_from_one_with_an_acronym():
    assert shouted("OU EST MON ARGENT")
    assert not shouted("Ma CEAM est perdue")


@pytest.mark.parametrize(
    ("written", "right"), [("aret", "arret"), ("kestion", "question"), ("rembourser", "remboursé")]
)
def test_words_that_sound_alike_are_read_alike(written, right):
    assert phonetic(fold(written)) == phonetic(fold(right))


@pytest.mark.parametrize(
    "order", ["/restart", "  /restart", "\n\t/ /restart", "\u00a0/restart", "//restart", "\x1f/restart"]
)
def test_no_text_reaches_rasa_as_an_order(order):
    assert not cleaned(order).strip().startswith("/")
    assert cleaned(order) == "restart"
