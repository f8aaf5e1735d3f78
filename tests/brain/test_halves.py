"""Where a message is cut in two, before anyone knows what its halves mean."""

import pytest

from brain.halves import MOST, halves


@pytest.mark.parametrize(
    ("reading", "after"),
    [
        ("j'ai perdu ma carte , et comment changer mon adresse ?", "comment changer mon adresse ?"),
        ("comment changer mon rib ? et où est ma carte vitale ?", "où est ma carte vitale ?"),
        ("comment changer mon rib et ma carte vitale est cassée", "ma carte vitale est cassée"),
        ("je voudrais un rendez-vous , au fait le vaccin est gratuit", "le vaccin est gratuit"),
        ("mon rib a changé . autre question : où est ma carte", "où est ma carte"),
        ("nouvelle adresse à déclarer\nreprendre mon nom", "reprendre mon nom"),
        ("bilan de santé gratuit et horaires de l'agence", "horaires de l'agence"),
        ("mon fils a 16 ans et à quelle adresse écrire", "à quelle adresse écrire"),
    ],
)
def test_a_message_is_cut_where_a_second_question_may_start(reading, after):
    assert after in [second for _, second in halves(reading)]


@pytest.mark.parametrize(
    "reading",
    [
        "j'ai perdu ma carte vitale",
        "mon mari et mon fils sont malades depuis lundi et ma fille est à la maison avec eux",
        "j'ai changé de banque le mois dernier , depuis je n'ai plus mes remboursements de médicaments",
        "comment faire ? ? ?",
        "bonjour , comment changer mon rib",
        "",
    ],
)
def test_the_pieces_of_one_question_are_left_together(reading):
    assert halves(reading) == []


def test_few_cuts_are_tried_the_likeliest_first():
    reading = "comment changer mon rib , mon adresse , mon nom , ma banque ? et où est ma carte ?"
    assert len(halves(reading)) == MOST
    assert halves(reading)[0] == ("comment changer mon rib , mon adresse , mon nom , ma banque", "où est ma carte ?")


def test_a_long_message_is_read_in_no_time():
    assert halves("et " * 30_000) == []
    assert len(halves("comment , " * 5_000)) == MOST
