"""A theme is one file: what the importer adds must be there in the trained model, not only in the importer."""

from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.exceptions import YamlException

from brain.importer import ThemeImporter

THEME = """
version: "3.1"
nlu:
- intent: {name}
  metadata:
    titre: Un titre
    verifie_le: 2026-05-12
  examples: |
    - première phrase de {name}
    - deuxième phrase de {name}
responses:
  utter_{name}:
  - text: La réponse de {name}.
  utter_{name}__delai:
  - text: Le délai de {name}.
{more}
"""
RULES = """
rules:
- rule: à sa façon
  steps:
  - intent: {name}
  - action: action_a_nous
"""


def project(folder, **themes):
    """A Rasa project with theme files; each value is what to add at the end of the file."""
    (folder / "data/themes/droits").mkdir(parents=True)
    for name, more in themes.items():
        path = folder / f"data/themes/droits/{name}.yml"
        path.write_text(THEME.format(name=name, more=more.format(name=name)), encoding="utf-8")
    (folder / "domain.yml").write_text('version: "3.1"\nactions: [action_a_nous]\n', encoding="utf-8")
    (folder / "config.yml").write_text("recipe: default.v1\nlanguage: fr\n", encoding="utf-8")
    return ThemeImporter(str(folder / "config.yml"), str(folder / "domain.yml"), [str(folder / "data")])


def rules_of(importer):
    return {
        next(e.intent_name for e in step.events if isinstance(e, UserUttered)): [
            e.action_name for e in step.events if isinstance(e, ActionExecuted) and e.action_name.startswith("utter_")
        ]
        for step in importer.get_stories().story_steps
    }


def test_a_theme_file_declares_its_intent_answer_and_rule(tmp_path):
    importer = project(tmp_path, ceam="")
    assert "ceam" in importer.get_domain().intents
    answers = importer.get_nlu_data().responses
    assert answers["utter_ceam"][0]["custom"] == {"theme": "ceam", "kind": "answer"}
    assert answers["utter_ceam__delai"][0]["custom"] == {"theme": "ceam", "kind": "answer", "precision": "delai"}
    assert rules_of(importer) == {"ceam": ["utter_ceam"]}


def test_a_theme_with_its_own_rule_gets_no_derived_one(tmp_path):
    importer = project(tmp_path, ceam="", ald=RULES)
    assert rules_of(importer) == {"ceam": ["utter_ceam"], "ald": []}


def test_an_answer_that_no_rule_says_stays_out_of_the_domain(tmp_path):
    assert "utter_ald" not in project(tmp_path, ald=RULES).get_nlu_data().responses


def test_examples_carry_their_text_and_intent_and_nothing_of_what_the_file_tells_authors(tmp_path):
    examples = project(tmp_path, ceam="").get_nlu_data().training_examples
    assert [example.data for example in examples] == [
        {"text": "première phrase de ceam", "intent": "ceam"},
        {"text": "deuxième phrase de ceam", "intent": "ceam"},
    ]


def test_a_file_that_is_no_theme_is_refused_as_rasa_refuses_it(tmp_path):
    importer = project(tmp_path, ceam="")
    path = tmp_path / "data/themes/droits/ceam.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("examples: |", "exemples: |"), encoding="utf-8")
    with pytest.raises(YamlException):
        importer.get_nlu_data()


@pytest.fixture(scope="module")
def domain():
    return Agent.load("models/guichet.tar.gz").domain


def themes():
    return {path.stem: path.parent.name for path in Path("data/themes").glob("*/*.yml")}


def test_the_trained_model_knows_the_theme_of_every_answer(domain):
    for theme, family in themes().items():
        variants = domain.responses.get(f"utter_{theme}")
        if variants is None:
            # an action picks their words
            assert theme in ("hors_sujet", "insatisfaction", "insulte", "parler_conseiller"), theme
            continue
        assert variants[0]["custom"]["theme"] == theme
        expected = {"urgences": "emergency", "conversation": "smalltalk"}.get(family, "answer")
        assert variants[0]["custom"]["kind"] == expected


def test_the_trained_model_declares_every_theme(domain):
    assert set(themes()) <= set(domain.intents)
