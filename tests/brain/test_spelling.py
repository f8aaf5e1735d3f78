"""Messages as read for the classifier: what is written out, mended, and left alone."""

import pytest

from brain.spelling import Speller

EXAMPLES = [
    "j'ai pas reçu mon remboursement",
    "j'attends toujours mes indemnités journalières",
    "mon arrêt de travail est terminé",
    "mon compte ameli est bloqué",
    "où en est mon dossier ameli",
    "je n'arrive pas à aller sur ameli",
    "se connecter à ameli",
    "le médecin traitant a signé l'ordonnance",
    "je prends rendez-vous avec un conseiller",
    "que faire en attendant la carte",
]
ABBREVIATIONS = {"g": "j'ai", "pa": "pas", "tjrs": "toujours", "jé": "j'ai", "pk": "pourquoi", "RDV": "rendez-vous"}


@pytest.fixture(scope="module")
def speller():
    return Speller(EXAMPLES, ABBREVIATIONS, ["CEAM", "tiers payant"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("g pa recu mon rembourcement", "j'ai pas reçu mon remboursement"),
        ("jattend tjrs mes indamnités", "j'attends toujours mes indemnités"),
        ("PK MON ARRET EST BLOQUE", "pourquoi mon arrêt est bloqué"),
        ("medecin traittant", "médecin traitant"),
        ("jprends rdv", "je prends rendez-vous"),
        ("L’ordonance", "l'ordonnance"),
    ],
)
def test_it_reads_what_people_type_as_a_careful_person_would_write_it(speller, typed, read):
    assert speller.read(typed) == read


@pytest.mark.parametrize("word", ["dossiers", "arbre", "ceam", "ameli", "je", "conseil", "attendant"])
def test_a_word_that_exists_is_never_touched(speller, word):
    """«arbre» is in no example, «ceam» and «ameli» in no dictionary, «conseil» is near «conseiller»."""
    assert speller.read(word) == word


def test_the_accents_of_an_abbreviation_count_when_the_bare_form_is_a_word(speller):
    assert speller.read("jé payé et je veux") == "j'ai payé et je veux"


def test_names_inside_a_sentence_and_other_languages_are_left_alone(speller):
    assert speller.read("le docteur Ordonnanci") == "le docteur ordonnanci"
    assert speller.read("ich habe meine karte verloren") == "ich habe meine karte verloren"


def test_amounts_dates_and_lines_are_kept(speller):
    assert speller.read("36,50 € le 12/05 ?\nmerci") == "36,50 € le 12 05 ?\nmerci"


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("rib à changer + carte perdue", 2),
        ("1) le rib 2) la carte", 2),
        ("1/ le rib\n2/ la carte", 2),
        ("j'en ai + de 20", 1),
        ("le 3/12/2026 à 15 h", 1),
        ("taux 1/2", 1),
    ],
)
def test_what_is_listed_is_read_a_line_each(speller, typed, lines):
    assert len(speller.read(typed).split("\n")) == lines


def test_the_same_message_is_read_the_same_twice_and_a_long_one_in_good_time(speller):
    long, read = "mon rembourcement " * 20_000, " ".join(["mon remboursement"] * 20_000)
    assert speller.read(long) == speller.read(long) == read


def test_a_slip_that_several_people_made_does_not_become_a_word():
    examples = ["mon remboursement"] * 200 + ["mon rembourcement"] * 5
    assert Speller(examples, {}).read("rembourcement") == "remboursement"
