"""One example a rule, and what no rule may touch; then what is true of any text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from guichet.privacy import redact, unmarked
from guichet.privacy.redaction import MARKS, find

ROOT = Path(__file__).parents[3]

# All invented; keys computed. What stands between ‹ › is masked.
MASKED = [
    ("nir", "‹1 85 05 49 588 157 80›"),
    ("nir", "mon numéro : ‹185054958815780›"),
    ("nir", "‹2 85 05 2A 588 157 12›, en Corse"),
    ("nir", "‹2 94 02 75 115 045 clé 55›"),
    ("nir", "‹１８５０５４９５８８１５７８０›"),
    ("nir", "‹١ ٨٥ ٠٥ ٤٩ ٥٨٨ ١٥٧ ٨٠›"),
    ("nir", "‹1️⃣8️⃣5️⃣05 49 588 157 80›"),
    ("nir", "‹l85O54958815780›"),
    ("nir", "n°SS‹185054958815780›"),
    ("nir", "numéro provisoire ‹7 85 05 49 588 157›"),
    ("nir", "mon NIA ‹3 85 05 99 588 157›"),
    ("nir", "ma sécu c'est ‹1 85 05 49 588 15› je crois"),
    ("nir", "secu ‹1850549588157801› refusé"),
    ("nir", "ma sécu c'est le ‹un 85 05 49 588 157 80› voilà"),
    ("ntt", "mon NTT est ‹1123456789AB12›"),
    ("iban", "‹FR76 3000 6000 0112 3456 7890 189›"),
    ("iban", "‹DE89 3704 0044 0532 0130 00›"),
    ("iban", "IBAN ‹FR76 3000 6000 01› la fin arrive"),
    ("iban", "rib ‹30006 00001 12345678901 89›"),
    ("iban", "banque ‹30006 guichet 00001 compte 12345678901 clé 89›"),
    ("carte", "‹4970 1000 0000 0154›"),
    ("carte", "cb ‹4970 1000 0000 0154 exp 09/27› débitée"),
    ("carte_sante", "CEAM ‹8025 0000 0112 3456 7890›"),
    ("carte_sante", "numéro de série ‹8025012345› au dos"),
    ("email", "‹jean.dupont@exemple.fr›"),
    ("email", "‹jean point dupont arobase exemple point fr›"),
    ("email", "‹jean.dupont [at] exemple.fr›"),
    ("email", "‹jean(at)exemple(point)fr›"),
    ("telephone", "tel ‹06 12 34 56 78›"),
    ("telephone", "‹+33 (0)6 12 34 56 78›"),
    ("telephone", "‹0 6 1 2 3 4 5 6 7 8›"),
    ("telephone", "‹+262 692 12 34 56›"),
    ("telephone", "‹zéro six douze trente-quatre cinquante-six soixante-dix-huit›"),
    ("telephone", "portable ‹6 12 34 56 78›"),
    ("naissance", "je suis née le ‹3 mars 1980›"),
    ("naissance", "née à Angers (49) le ‹12 mars 80›"),
    ("naissance", "date de naissance : ‹12031980›"),
    ("naissance", "ddn ‹12/03/1980›"),
    ("naissance", "né le ‹trois mars mille neuf cent quatre-vingt›"),
    ("naissance", "‹12/03/1980› c'est ma date de naissance"),
    ("adresse", "j'habite ‹12 bis rue des Lilas, 49000 Angers›"),
    ("adresse", "‹résidence des Pins, bât. B, 49000 Angers›"),
    ("adresse", "j'habite ‹3 place de la Mairie à Angers›"),
    ("adresse", "‹BP 127, 97204 Fort-de-France cedex›"),
    ("nom", "je m'appelle ‹Marie Dupont› et je voudrais"),
    ("nom", "jmappelle ‹marie dupont› et g perdu ma carte"),
    ("nom", "dossier de ‹M. Le Goff›"),
    ("nom", "Cordialement,\n‹Aminata Traoré›"),
    ("nom", "mes enfants ‹Tom›, ‹Zoé› et ‹Lina›"),
    ("nom", "la carte de ‹Lucas› est perdue"),
    ("mot_de_passe", "mon mot de passe est ‹Soleil2024!›"),
    ("mot_de_passe", "mdp : ‹chaton›"),
    ("code", "mon code confidentiel est ‹4821›"),
    ("code", "code reçu par sms : ‹604 218›"),
    ("caf", "mon numéro allocataire est ‹1234567 A›"),
    ("piece_identite", "passeport ‹12AB34567›"),
    ("piece_identite", "ma carte d'identité ‹X4RTBPFW4›"),
    ("plaque", "ma voiture ‹AB-123-CD›"),
    ("professionnel", "RPPS ‹10101234567›"),
    ("fiscal", "numéro fiscal ‹3012345678901›"),
    ("adherent", "n° adhérent mutuelle ‹00481773-02›"),
    ("identifiant", "identifiant ‹marie1980x22›"),
    ("siret", "mon SIRET ‹732 829 320 00074›"),
]

LEFT_ALONE = """
appelez le 36 46, le 3646 ou le 36.46
le 15, le 17, le 112, le 114, le 115, le 119, le 3114, le 3919, le 39 39 ou le 116 117
Détresse vitale, pour soi ou autrui : 15, 112, 114.
(15, 112, 114, 3114, 3919, 115, 119)
depuis l'étranger +33 1 84 90 36 46, ou le 0 806 000 126
centre antipoison de Paris 01 40 05 48 48
on m'a versé 42,97 € par jour, soit 1 289,10 euros en juin 2026
1 250 000 et 1 300 000 euros, 15 508 / 20 936 ; 3 : 18 609 / 25 123
formulaire S3125, Cerfa 12504*09, article L. 160-1 ou L162-4-4
consultation du 12/03/2024, arrêt du 12/05/2026 au 30/06/2026
12/03/2024 12 boîtes, 05/03/2024 10 jours
en arrêt depuis le 3 mars, 150 jours, de 9 h à 11 h
500 mg 3 fois par jour, 10 000 UI, 2,5 mg/kg
49000 Angers, département 976, le 2A
j'habite à 97400 Saint-Denis
hôpital Saint-Antoine, clinique Jean Mermoz, Institut Gustave Roussy, CPAM du Maine-et-Loire
dossier numéro 2026-118844
mon mot de passe est oublié, mon mot de passe ne marche pas
le code provisoire a 8 chiffres
mon nom est mal écrit, je m'appelle comment chez vous ?
Bonjour Madame, Monsieur, docteur svp
mon mari ALD, ma mère Alzheimer
la naissance est prévue le 12/03/2025, acte de naissance du 12/03/2024
ma date de naissance est fausse sur l'attestation du 12/03/2024
je suis né en 1960, j'ai 65 ans
3 cours de yoga, 2 places en EHPAD à 2 265 €
SIRET 732 829 320 00074 de mon employeur, TVA FR40303265045
2015 2016 2017 2018
1 2 3 4 5 6 7 8 9
moi c'est la carte vitale, c'est demain, je suis enceinte
""".strip().splitlines()


@pytest.mark.parametrize(("kind", "written"), MASKED)
def test_what_identifies_is_masked_and_named(kind, written):
    expected = "".join(part.rpartition("‹")[0] + MARKS[kind] if "‹" in part else part for part in written.split("›"))
    redacted = redact(written.replace("‹", "").replace("›", ""))
    assert redacted.text == expected
    assert redacted.kinds == (kind,)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_identifies_nobody_is_left_alone(text):
    assert redact(text).text == text


def test_every_kind_has_its_french_name():
    texts = YAML(typ="safe").load((ROOT / "data" / "textes.yml").read_text(encoding="utf-8"))["textes"]
    assert {key.removeprefix("cache_") for key in texts if key.startswith("cache_")} == set(MARKS)


# --- a number cut over two messages


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mon numéro de sécu c'est 1 85 05 49", "588 157 80"),
        ("1 85 05 49", "588 157 80"),
        ("1850549", "58815780"),
        ("n° sécu : 1 85 05...", "et la suite 49 588 157 80 voilà"),
        ("sécu 1 85 05 49 588", "157 80"),
    ],
)
def test_both_parts_of_a_number_are_masked(before, after):
    kept = redact(before)
    assert kept.kinds == ("nir_debut",)
    assert kept.text.rstrip(".").endswith(MARKS["nir_debut"])
    rest = redact(after, kept.text)
    assert rest.kinds == ("nir",)
    assert not any(char.isdigit() for char in kept.text + rest.text)


def test_the_rest_of_a_number_is_known_by_its_key_when_its_beginning_looked_harmless():
    assert redact("je suis né en 1 85").text == "je suis né en 1 85"
    assert redact("05 49 588 157 80", "je suis né en 1 85").kinds == ("nir",)


@pytest.mark.parametrize("text", ["36 46", "15", "3 enfants", "49000 Angers", "le 12/03/2024"])
def test_another_number_in_the_next_message_is_left_alone(text):
    kept = redact("mon numéro de sécu c'est 1 85 05 49").text
    assert redact(text, kept).text == text


# --- any text

HOSTILE = st.text(alphabet="0123456789 .-+@FRab\n/:'éèÉMJlo°‹,", max_size=150)
PIECES = st.lists(
    st.sampled_from(
        [
            "1 85 05 49 588 157 80",
            "06 12 34 56 78",
            " ",
            ", ",
            "\n",
            "je m'appelle ",
            "Marie",
            " Dupont",
            "M. ",
            "née le ",
        ]
        + ["12/03/1980", " mars ", "12 rue des Lilas", " 49000 Angers", "mon mot de passe est ", "Soleil2024", "sécu "]
        + ["FR76 3000 ", "4970 1000 0000 0154", "a@exemple.fr", "Cordialement, ", "clé 80", "carte", "et", "un ", "1"]
        + ["[nom]", "[numéro de carte]", "[", "]"]
    ),
    max_size=12,
).map("".join)


@given(st.one_of(st.text(max_size=200), HOSTILE, PIECES))
@settings(max_examples=400, deadline=None)
def test_masking_twice_is_masking_once(text):
    once = redact(text).text
    assert redact(once).text == once


@given(st.one_of(st.text(max_size=200), HOSTILE, PIECES), st.one_of(st.text(max_size=50), PIECES))
@settings(max_examples=400, deadline=None)
def test_what_is_outside_is_left_byte_for_byte(text, before):
    spans, out, last = find(text, before), "", 0
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        out += text[last : span.start] + MARKS[span.kind]
        last = span.end
    assert redact(text, before).text == out + text[last:]


PIECES_OF_LONG_TEXTS = (
    [
        "1 85 05 ",
        "1" * 10,
        "a@",
        "FR76 3000 ",
        "06 12 ",
        "o0i",
        "né le ",
        "12/03/",
        "mon mot de passe est ",
        "M. ",
        "\n",
    ]
    + [
        "12 rue de la ",
        "Marie ",
        "je m'appelle ",
        "jean point ",
        "zéro six ",
        "a\n",
        "2a",
        "[nom]",
        "[",
        "cdlt ",
        "un ",
    ]
    + ["cdlt a ", "trois mars ", "AB-123-CD", "code ameli ", "permis ", "9" * 30, "\u0301", "mon fils ", "DE89 3704 "]
    + ["jean dupont ", "résidence a "]
)


@pytest.mark.parametrize("piece", PIECES_OF_LONG_TEXTS)
def test_long_hostile_texts_take_linear_time(piece):
    """Four times the text takes about four times the work, not sixteen. Counted: the time this thread worked."""

    def work(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        return min(_spent(text) for _ in range(3))

    assert work(12_000) <= 9 * work(3_000) + 0.05


def _spent(text: str) -> float:
    start = time.thread_time()
    redact(text)
    return time.thread_time() - start


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("mon numero c'est 1 85 05 78 006 084 91 jai rien recu", "jai rien recu"),
        ("Mon mail : jean.dupont@exemple.fr vous ne répondez jamais", "vous ne répondez jamais"),
        ("Numéro sécu : 1 85 05 78 006 084 91. Où en est mon dossier ?", "Où en est mon dossier ?"),
        ("je suis le 1 85 05 78 006 084 91 pourquoi ma carte est bloquée", "pourquoi ma carte est bloquée"),
        ("je veux changer mon adresse mail jean.dupont@exemple.fr", "je veux changer mon adresse mail"),
        ("je n'ai plus accès à mon mail : jean.dupont@exemple.fr", "je n'ai plus accès à mon mail :"),
        ("voici mon nouveau rib : FR76 3000 6000 0112 3456 7890 189", "voici mon nouveau rib :"),
    ],
)
def test_a_question_is_understood_without_its_marks_and_what_announces_them(written, understood):
    assert unmarked(redact(written).text) == understood


@pytest.mark.parametrize("written", ["voici mon numéro 1 85 05 78 006 084 91", "je suis le 1 85 05 78 006 084 91"])
def test_a_mark_that_is_all_there_is_stays(written):
    assert MARKS["nir"] in unmarked(redact(written).text)
