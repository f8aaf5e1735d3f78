"""`guichet check`: each kind of defect is seen, where it is, and told in French with what to do."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from guichet.check import ERROR, WARNING, Finding, check, find_strays
from guichet.check.examples import near_pairs, same_words
from guichet.check.files import Example
from guichet.check.prose import plain, sentences, word_count
from guichet.check.texts import readability
from guichet.check.typography import faults
from guichet.settings import ROOT
from tests.guichet.content_builder import ANSWER, examples, theme_text, write_data

TODAY = date(2026, 11, 22)
CARD = Path("data/themes/compte/ma_carte.yml")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path)


def found(data: Path, **options: object) -> list[Finding]:
    return check(data, TODAY, **options)


def spoil(data: Path, name: str, before: str, after: str) -> None:
    """Replace a text, once, in a file of data/."""
    path = data / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1, f"{before!r} is not in {name}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def answer(data: Path, text: str, **parts: str) -> None:
    """Give the theme ma_carte another answer."""
    path = data / "themes" / "compte" / "ma_carte.yml"
    path.write_text(theme_text("ma_carte", examples(0), answer=text, **parts), encoding="utf-8")


def only(findings: list[Finding], rule: str) -> Finding:
    """The single finding, of the rule that is expected."""
    assert [finding.rule for finding in findings] == [rule], "\n".join(map(str, findings))
    return findings[0]


# --- the real content


def test_the_real_content_has_no_error():
    errors = [
        str(finding) for finding in check(ROOT / "data", datetime.now().astimezone().date()) if finding.level == ERROR
    ]
    assert errors == []


def test_good_content_has_no_finding(data):
    assert found(data) == []


def test_a_finding_says_where_what_why_and_what_to_do(data):
    spoil(data, "themes/compte/ma_carte.yml", "    source: https://www.ameli.fr/assure\n", "")
    finding = only(found(data), "sans-source")
    assert finding.level == ERROR
    assert str(finding) == (
        "data/themes/compte/ma_carte.yml:4 — erreur : réponse sans source. "
        "Conséquence : personne ne peut vérifier ce qui est dit, ni le lecteur ni le prochain auteur. "
        "Pour corriger : ajoutez « source: » sous « metadata: », "
        "l'adresse de la page officielle où les faits ont été lus."
    )


def test_what_is_being_edited_is_read_instead_of_the_disk(data):
    path = data / "themes" / "compte" / "ma_carte.yml"
    edited = path.read_text(encoding="utf-8").replace(
        "titre: Un titre court", "titre: Un titre bien trop long pour tenir sur un bouton"
    )
    assert only(found(data, unsaved={path: edited}), "bouton-long").path == CARD
    assert found(data) == []


# --- structure


def test_a_theme_outside_the_catalogue_is_an_error(data):
    text = theme_text("inconnu", examples(11))
    (data / "themes" / "compte" / "inconnu.yml").write_text(text, encoding="utf-8")
    finding = next(f for f in found(data) if f.rule == "theme-inconnu")
    assert "« inconnu » n'est pas dans le catalogue" in finding.what
    assert "data/catalogue.yml" in finding.remedy


def test_a_theme_of_the_catalogue_without_a_file_is_an_error(data):
    spoil(data, "catalogue.yml", "sigles_connus", '  un_oubli: {famille: compte, definition: "..."}\nsigles_connus')
    finding = only(found(data), "theme-absent")
    assert (finding.path, finding.line) == (Path("data/catalogue.yml"), 5)
    assert "bin/guichet new theme un_oubli" in finding.remedy


def test_a_theme_in_another_family_s_folder_is_an_error(data):
    spoil(data, "catalogue.yml", "mon_rib: {famille: compte", "mon_rib: {famille: contact")
    assert only(found(data), "famille").remedy == "déplacez-le dans data/themes/contact/."


def test_a_theme_with_two_files_is_an_error(data):
    other = data / "themes" / "contact" / "ma_carte.yml"
    other.parent.mkdir()
    other.write_text(theme_text("ma_carte", examples(0)), encoding="utf-8")
    assert {finding.path.parent.name for finding in found(data) if finding.rule == "theme-double"} == {
        "compte",
        "contact",
    }


def test_a_broken_file_is_told_with_its_line(data):
    spoil(data, "themes/compte/ma_carte.yml", "    titre: Un titre court", '    titre: "Un titre court')
    finding = next(f for f in found(data) if f.rule == "illisible")
    assert finding.path == CARD
    assert finding.line > 4
    assert "YAML illisible" in finding.what


def test_an_intent_named_otherwise_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "intent: ma_carte", "intent: la_carte")
    assert "pas d'intention « ma_carte »" in only(found(data), "intention").what


def test_a_missing_answer_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "utter_ma_carte", "utter_la_carte")
    rules = {finding.rule for finding in found(data)}
    assert {"sans-reponse", "precision-sans-base"} <= rules


def test_a_missing_title_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "    titre: Un titre court\n", "")
    assert only(found(data), "titre").what == "pas de titre."


@pytest.mark.parametrize("family", ["conversation", "urgences"])
def test_small_talk_and_emergencies_may_give_no_source(data, family):
    spoil(data, "catalogue.yml", "ma_carte: {famille: compte", f"ma_carte: {{famille: {family}")
    path = data / "themes" / family / "ma_carte.yml"
    path.parent.mkdir()
    (data / "themes" / "compte" / "ma_carte.yml").rename(path)
    spoil(data, f"themes/{family}/ma_carte.yml", "    source: https://www.ameli.fr/assure\n", "")
    assert "sans-source" not in {finding.rule for finding in found(data)}


def test_a_review_date_that_has_passed_is_a_warning(data):
    spoil(data, "themes/compte/ma_carte.yml", "a_revoir_le: 2027-01-01", "a_revoir_le: 2026-11-21")
    finding = only(found(data), "a-revoir")
    assert finding.level == WARNING
    assert finding.what == "la relecture était prévue avant le 2026-11-21."


@pytest.mark.parametrize("value", ["2026-11-23", "hier"])
def test_a_date_to_come_or_unreadable_is_an_error(data, value):
    spoil(data, "themes/compte/ma_carte.yml", "verifie_le: 2026-01-01", f"verifie_le: {value}")
    assert only(found(data), "date").level == ERROR


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "themes/compte/ma_carte.yml",
            "titre: Un titre court",
            "titre: Un titre bien trop long pour tenir sur un bouton",
        ),
        ("precisions.yml", "libelle: Combien de temps ?", "libelle: Combien de temps faut-il encore attendre avant ?"),
        ("textes.yml", "choix_oui: Oui, merci", "choix_oui: Oui, merci beaucoup, tout cela me convient bien"),
    ],
)
def test_a_button_over_forty_characters_is_an_error(data, name, before, after):
    spoil(data, name, before, after)
    assert "caractères" in only(found(data), "bouton-long").what


def test_what_the_skeleton_left_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "titre: Un titre court", "titre: À COMPLÉTER")
    assert only(found(data), "a-completer").line == 5


# --- links


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("proches: [mon_rib,", "proches: [mon_rip,", "thème proche « mon_rip » : inconnu."),
        ("teleservices: [commande]", "teleservices: [comande]", "téléservice « comande » : inconnu."),
        ("[36 46](tel:3646)", "[36 46](teleservice:appel)", "téléservice « appel » : inconnu."),
        ("Elle est gratuite", "Elle coûte [[montant.carte]]", "montant « carte » : inconnu."),
    ],
)
def test_a_dead_reference_is_an_error(data, before, after, what):
    spoil(data, "themes/compte/ma_carte.yml", before, after)
    finding = only(found(data), "reference")
    assert finding.what == what
    assert finding.level == ERROR


def test_an_unknown_precision_is_an_error(data):
    precision = f"  utter_ma_carte__prix:\n  - text: |-\n      {' '.join(['Elle est gratuite pour tous.'] * 3)}\n"
    answer(data, ANSWER, responses=precision)
    assert only(found(data), "reference").what == "précision « prix » : inconnu."


def test_a_precision_without_its_answer_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "utter_ma_carte:", "utter_ma_carte__delai:")
    finding = next(f for f in found(data) if f.rule == "precision-sans-base")
    assert finding.what == "la précision « utter_ma_carte__delai » n'a pas de réponse de base."


@pytest.mark.parametrize("written", ["frequents: [ma_carte]", "enfant: [ma_carte]"])
def test_a_frequent_theme_that_does_not_exist_is_an_error(data, written):
    spoil(data, "textes.yml", written, written.replace("ma_carte", "ma_cart"))
    assert only(found(data), "reference").path == Path("data/textes.yml")


def test_a_theme_near_itself_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", "proches: [mon_rib,", "proches: [ma_carte,")
    assert "se cite lui-même" in only(found(data), "reference").what


def test_too_few_near_themes_is_a_warning(data):
    spoil(data, "themes/compte/ma_carte.yml", "proches: [mon_rib, ma_caisse]", "proches: [mon_rib]")
    assert only(found(data), "proches").level == WARNING


@pytest.mark.parametrize("url", ["https://www.mutuelle-exemple.fr/carte", "https://www.ameli.fr.exemple.fr/"])
def test_a_commercial_source_is_an_error(data, url):
    spoil(data, "themes/compte/ma_carte.yml", "source: https://www.ameli.fr/assure", f"source: {url}")
    assert "n'est pas un site officiel" in only(found(data), "site-commercial").what


@pytest.mark.parametrize("url", ["http://www.ameli.fr/", "https://ameli.fr./carte", "www.ameli.fr"])
def test_a_badly_written_address_is_an_error(data, url):
    spoil(data, "teleservices.yml", "https://assure.ameli.fr/", url)
    assert only(found(data), "adresse").path == Path("data/teleservices.yml")


# --- texts


def test_a_long_answer_is_an_error_and_a_short_one_a_warning(data):
    answer(data, f"{ANSWER}\n\n{' '.join(['Elle sert chez le médecin et à la pharmacie.'] * 7)}")
    assert only(found(data), "trop-long").level == ERROR
    answer(data, "Commandez la carte dans votre compte ameli.")
    assert only(found(data), "trop-court").level == WARNING


def test_a_long_precision_is_an_error(data):
    precision = f"  utter_ma_carte__delai:\n  - text: |-\n      {' '.join(['Elle arrive par la poste.'] * 13)}\n"
    answer(data, ANSWER, responses=precision)
    assert only(found(data), "trop-long").what == "« utter_ma_carte__delai » fait 65 mots, pour 15 à 60."


def test_an_emergency_answer_starts_with_a_number(data):
    spoil(data, "catalogue.yml", "ma_carte: {famille: compte", "ma_carte: {famille: urgences")
    path = data / "themes" / "urgences" / "ma_carte.yml"
    path.parent.mkdir()
    (data / "themes" / "compte" / "ma_carte.yml").unlink()
    path.write_text(theme_text("ma_carte", examples(0), answer="Appelez le [15](tel:15)."), encoding="utf-8")
    assert only(found(data), "numero-d-abord").level == ERROR
    path.write_text(theme_text("ma_carte", examples(0), answer="[15](tel:15) : appelez."), encoding="utf-8")
    assert found(data) == []


def test_a_long_sentence_is_a_warning(data):
    sentence = "Vous la recevez chez vous par la poste " + "et vous la gardez sur vous " * 4 + "toute la vie."
    answer(data, f"{ANSWER}\n\n{sentence}")
    finding = only(found(data), "phrase-longue")
    assert "une phrase de 35 mots" in finding.what
    assert finding.line == 51


def test_a_text_hard_to_read_is_a_warning(data):
    answer(
        data,
        "L'établissement complémentaire subordonne l'indemnisation à la présentation préalable d'attestations "
        "administratives.\n\nLa régularisation conditionnelle nécessite l'authentification dématérialisée des "
        "bénéficiaires.\n\nLes organismes gestionnaires procèdent trimestriellement à la revalorisation des "
        "prestations conventionnelles et des participations.\n\nToute réclamation contentieuse nécessite "
        "préalablement une médiation institutionnelle de proximité.",
    )
    assert "lisibilité" in only(found(data), "difficile").what


def test_plain_french_reads_easily_and_officialese_does_not():
    assert readability("Prenez votre carte. Allez à la pharmacie. C'est gratuit.") > 80
    assert readability("La régularisation administrative nécessite une authentification préalable.") < 30


@pytest.mark.parametrize(
    "amount", ["Elle coûte 12 €.", "Elle coûte 2,50 euros.", "Comptez 1 200 €.", "Remboursée à 70 %.", "Dix pour cent."]
)
def test_an_amount_in_prose_is_an_error(data, amount):
    answer(data, f"{ANSWER} {amount}")
    assert only(found(data), "montant-en-clair").level == ERROR


def test_durations_numbers_of_services_and_the_registry_s_amounts_are_not_amounts_in_prose(data):
    answer(data, f"{ANSWER} Comptez 48 heures. On retient [[montant.franchise]]. Choisissez le 100 % Santé.")
    assert found(data) == []


def test_an_acronym_that_is_never_explained_is_a_warning(data):
    answer(data, f"{ANSWER} Cela vaut aussi pour une ALD.")
    finding = only(found(data), "sigle")
    assert finding.what == "le sigle « ALD » n'est pas expliqué."
    answer(data, f"{ANSWER} Cela vaut aussi pour une affection de longue durée (ALD). Votre RIB suffit.")
    assert found(data) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Voyez [le site](https://www.ameli.fr/).", "un lien vers « https://www.ameli.fr/ »"),
        ("Voyez https://www.ameli.fr/", "une adresse en clair"),
        ("C'est <b>gratuit</b>.", "du HTML"),
        ("# La carte", "un titre"),
        ("1. La carte", "une liste qui ne commence pas par « - »"),
        ("C'est *gratuit*.", "de l'italique"),
        ("C'est `gratuit`.", "du code ou un tableau"),
        ("C'est gratuit 🙂", "un émoji"),
        ("C'est **gratuit.", "un « ** » qui n'est pas refermé"),
        ("Elle coûte [[franchise]].", "des doubles crochets sans montant"),
    ],
)
def test_forbidden_markup_is_an_error(data, text, what):
    answer(data, f"{ANSWER}\n\n{text}")
    assert what in only(found(data), "balisage").what


def test_the_allowed_markup_is_not_blamed(data):
    answer(data, f"{ANSWER}\n\n- **Urgence** : [114](sms:114)\n- [commander la carte](teleservice:commande)")
    assert found(data) == []


def test_a_link_that_says_nothing_is_a_warning(data):
    answer(data, f"{ANSWER} Cliquez [ici](teleservice:commande).")
    assert only(found(data), "lien-muet").level == WARNING


# --- typography


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Une question ? Oui : « celle-ci » ; merci !", 0),
        ("Le 8 h 30, au 36 46. Voir ameli.fr, rubrique Mes démarches (facultatif).", 0),
        ("Une question? Oui.", 1),
        ("Voici: rien.", 1),
        ("Le «mot » juste.", 1),
        ("Il s’agit de ça.", 1),
        ("Deux  espaces.", 1),
        ("Un mot , puis un autre.", 1),
        ('Le "mot" juste.', 1),
        ("C'est fini. A partir de là, rien.", 1),
        ("Ecrivez à votre caisse.", 1),
        ("Votre soeur aussi.", 1),
        ("Prix : 12€.", 1),
        ("Espace\u00a0dure.", 1),
        ("[le site](teleservice:a)", 0),
    ],
)
def test_typography_faults_are_seen_and_right_ones_left(text, wrong):
    assert len(faults(text)) == wrong


def test_a_typography_fault_is_a_warning_with_the_words_around(data):
    answer(data, f"{ANSWER} Une question? Appelez.")
    finding = only(found(data), "typographie")
    assert finding.level == WARNING
    assert "il manque une espace avant « ? »" in finding.what


# --- examples


def example(intent: str, text: str) -> Example:
    return Example(intent, text, None, 1)


def test_the_same_example_in_two_themes_is_an_error(data):
    first = examples(0)[3]
    spoil(data, "themes/compte/mon_rib.yml", examples(20)[5], first.upper())
    finding = only(found(data), "exemple-double")
    assert finding.level == ERROR
    assert "dans « " in finding.what


def test_the_same_example_in_a_theme_and_in_the_dialogue_is_an_error(data):
    spoil(data, "dialogue/vagues.yml", "- truc", f"- {examples(0)[3]}")
    assert only(found(data), "exemple-double").level == ERROR


def test_the_same_example_twice_in_a_theme_is_a_warning(data):
    spoil(data, "themes/compte/mon_rib.yml", examples(20)[5], examples(20)[6])
    assert only(found(data), "exemple-double").level == WARNING


def test_nearly_the_same_example_in_two_themes_is_a_warning(data):
    spoil(data, "themes/compte/ma_carte.yml", examples(0)[5], "quand arrive donc ma nouvelle carte bleue")
    spoil(data, "themes/compte/mon_rib.yml", examples(20)[5], "kand arrive donc ma nouvelle carte bleue")
    finding = only(found(data), "exemple-proche")
    assert "« quand arrive donc ma nouvelle carte bleue »" in finding.what


def test_one_letter_in_a_short_phrase_may_change_everything():
    assert not list(near_pairs([example("a", "formulaire S1"), example("b", "formulaire S2")]))


def test_the_same_words_in_another_order_are_nearly_the_same():
    (pair,) = same_words([example("a", "numéro de la sécu"), example("b", "MON NUMERO SECU SVP"), example("c", "sécu")])
    assert [one.intent for one in pair] == ["a", "b"]


def test_too_few_examples_is_a_warning_and_almost_none_an_error(data):
    path = data / "themes" / "compte" / "ma_carte.yml"
    path.write_text(theme_text("ma_carte", examples(0, 29)), encoding="utf-8")
    finding = only(found(data), "peu-d-exemples")
    assert (finding.level, finding.what) == (WARNING, "29 exemples, il en faut 30.")
    path.write_text(theme_text("ma_carte", examples(0, 3)), encoding="utf-8")
    assert only(found(data), "peu-d-exemples").level == ERROR


def test_a_frequent_need_wants_sixty_examples(data):
    spoil(data, "catalogue.yml", 'definition: "Avoir une carte."', 'definition: "Avoir une carte.", frequent: true')
    assert only(found(data), "peu-d-exemples").what == "30 exemples, besoin fréquent : il en faut 60."


def test_examples_in_one_mould_are_a_warning(data):
    path = data / "themes" / "compte" / "ma_carte.yml"
    moulded = [f"je veux {phrase}" for phrase in examples(0)[:8]]
    path.write_text(theme_text("ma_carte", [*moulded, *examples(0)[8:]]), encoding="utf-8")
    assert only(found(data), "uniformes").what == "8 exemples sur 30 commencent par « je veux »."


def test_examples_without_a_long_one_are_a_warning(data):
    path = data / "themes" / "compte" / "ma_carte.yml"
    path.write_text(theme_text("ma_carte", [*examples(0)[:-1], "une phrase de plus"]), encoding="utf-8")
    assert only(found(data), "uniformes").what == "aucun exemple long, de 25 mots ou plus."


def test_square_brackets_in_an_example_are_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", f"- {examples(0)[5]}", f"- {examples(0)[5]} [ici]")
    assert "Rasa y lit une entité" in only(found(data), "crochets").consequence


def test_a_line_that_is_no_example_is_an_error(data):
    spoil(data, "themes/compte/ma_carte.yml", f"- {examples(0)[5]}", examples(0)[5])
    assert {finding.rule for finding in found(data)} == {"ligne-perdue", "peu-d-exemples"}


def test_a_personal_datum_in_an_example_is_an_error_that_does_not_repeat_it(data):
    spoil(data, "themes/compte/ma_carte.yml", f"- {examples(0)[5]}", "- mon mail est jeanne.martin@exemple.fr merci")
    finding = only(found(data), "donnee-personnelle")
    assert finding.level == ERROR
    assert "jeanne" not in str(finding)


# --- sentence vectors


def test_an_example_that_strays_is_a_warning_at_its_line(data):
    text = examples(0)[5]

    def find(by_theme):
        assert set(by_theme) == {"ma_carte", "mon_rib", "ma_caisse"}
        return [{"theme": "ma_carte", "text": text, "nearer": "mon_rib", "nearest": "autre"}]

    finding = only(found(data, find_strays=find), "exemple-egare")
    assert finding.level == WARNING
    assert text in (data.parent / CARD).read_text(encoding="utf-8").splitlines()[finding.line - 1]


def test_an_author_may_say_that_a_straying_example_was_read_again(data):
    text = examples(0)[5]
    answer(data, ANSWER, metadata=f'    relus:\n    - "{text}"\n')
    stray = {"theme": "ma_carte", "text": text, "nearer": "mon_rib", "nearest": "autre"}
    assert found(data, find_strays=lambda by_theme: [stray]) == []


def test_vectors_find_the_phrase_of_another_theme_and_are_kept(tmp_path):
    themes = {
        "carte": ["j'ai perdu ma carte", "on m'a volé ma carte", "carte perdue dans le bus", "ma carte a disparu"],
        "bebe": ["mon bébé est né hier", "naissance de ma fille", "inscrire mon nouveau-né", "je viens d'accoucher"],
    }
    lost = "ma carte a été volée"
    themes["bebe"].append(lost)
    (stray,) = find_strays(tmp_path)(themes)
    assert (stray["theme"], stray["text"], stray["nearer"]) == ("bebe", lost, "carte")

    kept = tmp_path / "egares.json"
    told = json.loads(kept.read_text(encoding="utf-8"))
    told["strays"] = ["gardé"]
    kept.write_text(json.dumps(told), encoding="utf-8")
    assert find_strays(tmp_path)(themes) == ["gardé"]  # nothing changed: nothing is computed
    assert find_strays(tmp_path)({**themes, "bebe": themes["bebe"][:-1]}) == []


# --- prose


def test_prose_is_what_a_screen_reader_says():
    amounts = {"franchise": {"valeur": "1", "unite": "€"}}
    text = plain("**Une** [attestation](teleservice:a) coûte [[montant.franchise]].", amounts)
    assert text == "Une attestation coûte 1 €."
    assert word_count(text) == 4


def test_sentences_end_at_points_lines_and_items():
    assert sentences("Un mot. Deux mots ?\n\n- trois\n- quatre") == [
        "Un mot.",
        "Deux mots ?",
        "trois",
        "quatre",
    ]
