"""Content: reading the authors' files, and showing them."""

import shutil
from pathlib import Path

import pytest

from guichet.content import FAMILIES, ContentError, Display, load_content
from guichet.content.display import typography
from guichet.content.themes import read_theme

DATA = Path("data")


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(scope="module")
def content():
    return load_content(DATA)


@pytest.fixture(scope="module")
def display(content):
    return Display(content)


def test_every_theme_lives_in_the_folder_of_its_family(content):
    assert {theme.famille for theme in content.themes.values()} == set(FAMILIES)


def test_every_text_can_be_shown(content, display):
    for theme in content.themes.values():
        for text in (theme.answer, *theme.precisions.values()):
            shown = display.text(text)
            assert "[[" not in shown
            assert "teleservice:" not in shown


def test_an_amount_is_replaced_at_display(content, display):
    name, montant = next(iter(content.montants.items()))
    shown = display.text(f"Une retenue de [[montant.{name}]] par boîte.")
    assert plain(montant.valeur) in plain(shown)
    assert "[[" not in shown


def test_an_amount_the_registry_lost_is_not_invented(display):
    assert "à vérifier" in display.text("Une retenue de [[montant.disparu]].")


def test_a_registry_link_gets_its_address(content, display):
    name, service = next(iter(content.teleservices.items()))
    assert f"]({service.url})" in display.text(f"Voir [ici](teleservice:{name}).")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Qu'est-ce ?", "Qu’est-ce\u202f?"),
        ("Voici : oui", "Voici\u00a0: oui"),
        ("« ici »", "«\u00a0ici\u00a0»"),
        ("12 € et 30 %", "12\u00a0€ et 30\u00a0%"),
        ("[l'attestation](https://exemple.fr/l'a?b=1) !", "[l’attestation](https://exemple.fr/l'a?b=1)\u202f!"),
    ],
)
def test_french_typography_leaves_addresses_alone(written, shown):
    assert typography(written) == shown


def test_an_answer_carries_links_precisions_and_verdict(content, display):
    body, offers = display.message("answer", "Texte.", theme="carte_vitale_perte_vol")
    assert [link["id"] for link in body["links"]] == list(content.themes["carte_vitale_perte_vol"].teleservices)
    assert [offer["intent"] for offer in offers][-2:] == ["satisfaction", "insatisfaction"]
    assert {offer["entities"]["precision"] for offer in offers if offer["intent"] == "precision"} == set(
        content.themes["carte_vitale_perte_vol"].precisions
    )
    assert len(offers) == len(body["choices"])


def test_a_precision_does_not_offer_itself(display):
    _, offers = display.message("answer", "Texte.", theme="carte_vitale_perte_vol", precision="cout")
    assert "cout" not in [offer["entities"].get("precision") for offer in offers]


def test_the_precision_for_the_person_spoken_of_comes_first(content, display):
    theme = next(theme.id for theme in content.themes.values() if {"enfant", "delai"} <= set(theme.precisions))
    _, offers = display.message("answer", "Texte.", theme=theme, about="enfant")
    assert offers[0]["entities"]["precision"] == "enfant"
    _, others = display.message("answer", "Texte.", theme=theme, about="conjoint")  # no precision of that name
    assert others[0]["entities"]["precision"] == "delai"


def test_small_talk_has_no_verdict(display):
    body, offers = display.message("smalltalk", "Bonjour.", theme="salutation")
    assert (body["choices"], offers) == ([], ())


THEME = """version: "3.1"
nlu:
- intent: {intent}
  metadata:
    titre: Un titre
    teleservices: [{teleservice}]
    verifie_le: {date}
  examples: |
    - un exemple
responses:
  utter_{intent}:
  - text: {text}
"""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"teleservice": "inconnu"}, "téléservice inconnu"),
        ({"text": "'[[montant.inconnu]]'"}, "montant inconnu"),
        ({"text": "'[a](teleservice:inconnu)'"}, "téléservice inconnu"),
        ({"date": "hier"}, "n'est pas une date"),
        ({"text": "[cassé"}, "YAML illisible"),
        ({"intent": "autre"}, "comme le fichier"),
    ],
)
def test_content_that_cannot_be_used_says_what_to_do(tmp_path, changes, said):
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    fields = {"intent": "essai", "teleservice": "", "date": "2026-01-01", "text": "Bonjour."} | changes
    path = data / "themes/droits/essai.yml"
    path.write_text(THEME.format(**fields), encoding="utf-8")
    with pytest.raises(ContentError, match=said) as error:
        load_content(data)
    assert "essai.yml" in str(error.value)
    assert " — " in str(error.value)


def test_a_theme_file_that_is_not_utf8_is_explained(tmp_path):
    path = tmp_path / "essai.yml"
    path.write_bytes(b"titre: \xe9t\xe9")
    with pytest.raises(ContentError, match="UTF-8"):
        read_theme(path)


def test_a_departement_with_several_caisses_goes_to_the_default_box(content):
    assert content.caisse_of("49").nom.startswith("CPAM")
    assert content.caisse_of("59") is None
    assert content.caisse_of("99") is None
