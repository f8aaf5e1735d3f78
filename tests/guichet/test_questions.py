"""Files of questions: ours, a public set, and what is said of bad rows."""

from collections import Counter
from pathlib import Path

import pytest

from guichet.content import ContentError, load_content
from guichet.content.library import fold
from guichet.questions import Question, QuestionsRefused, catalogue, in_part, read_questions

DATA = Path("data")
OURS = Path("tests/brain/questions.yml")
THEMES = {"ald", "ceam", "hors_sujet"}


@pytest.fixture(scope="module")
def questions():
    return read_questions(OURS, catalogue(DATA))


@pytest.fixture(scope="module")
def content():
    return load_content(DATA)


def test_no_question_stands_among_the_examples(questions, content):
    learnt = {fold(example) for theme in content.themes.values() for example in theme.examples}
    assert [question.text for question in questions if fold(question.text) in learnt] == []


def test_every_theme_has_enough_questions(questions, content):
    count = Counter(theme for question in questions for theme in question.right)
    assert set(count) == set(content.themes)
    assert {theme: n for theme, n in count.items() if n < 8} == {}


def test_there_are_enough_questions_out_of_the_domain(questions):
    kinds = Counter(question.kind for question in questions if question.outside)
    assert sum(kinds.values()) >= 120
    assert kinds["near"] >= 60


def test_the_two_parts_are_about_as_large(questions):
    parts = Counter(question.part for question in questions)
    assert set(parts) == {"reglage", "preuve"}
    assert min(parts.values()) > 0.4 * len(questions)


def read(tmp_path, text, name="questions.yml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_questions(path, THEMES)


def refused(tmp_path, text, name="questions.yml"):
    """What is said, without the folder."""
    with pytest.raises(QuestionsRefused) as caught:
        read(tmp_path, text, name)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_a_yaml_file_is_a_list_alone_or_under_questions(tmp_path):
    row = '- {text: "a", theme: ceam, noise: sms, acceptable: [ald], part: preuve}\n'
    wanted = [Question("a", "ceam", frozenset({"ald"}), "preuve", "sms")]
    assert read(tmp_path, row) == read(tmp_path, f"questions:\n{row}") == wanted
    assert wanted[0].right == {"ceam", "ald"}


def test_a_public_set_in_json_lines_says_intent_for_theme(tmp_path):
    text = '\ufeff{"text": "ma carte", "intent": "ceam"}\n\n{"text": "météo\\u2028?", "intent": "hors_sujet"}\n'
    assert read(tmp_path, text, "public.jsonl") == [
        Question("ma carte", "ceam"),
        Question("météo\u2028?", "hors_sujet"),
    ]


def test_every_bad_row_is_told_with_its_line_and_what_to_do(tmp_path):
    text = (
        '{"text": "a", "theme": "ceam"}\n'
        '{"theme": "ceam"}\n'
        "\n"
        '{"text": "b"}\n'
        '{"text": "c", "theme": "cem"}\n'
        '{"text": "d", "theme": "xyz", "acceptable": "ald"}\n'
        "{oops\n"
        '{"text": 12, "theme": "ceam", "acceptable": ["lad"]}\n'
        '["text"]\n'
        '{"text": "\\ud83d", "theme": "ceam"}\n'
    )
    said = refused(tmp_path, text, "q.jsonl")
    assert said == [
        "q.jsonl:2 — « text » manque. Écrivez la question.",
        "q.jsonl:4 — « theme » manque. Écrivez l'identifiant du thème attendu (data/catalogue.yml).",
        "q.jsonl:5 — thème inconnu « cem » : il n'est pas dans data/catalogue.yml. Vouliez-vous dire « ceam » ?",
        "q.jsonl:6 — « acceptable » n'est pas une liste (ald). Écrivez [thème, thème].",
        "q.jsonl:6 — thème inconnu « xyz » : il n'est pas dans data/catalogue.yml. Corrigez-le, ou ajoutez-le au "
        "catalogue.",
        "q.jsonl:7 — JSON illisible (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)). "
        "Écrivez {text: …, theme: …}.",
        "q.jsonl:8 — « text » n'est pas du texte (12). Mettez-le entre guillemets.",
        "q.jsonl:8 — thème inconnu « lad » : il n'est pas dans data/catalogue.yml. Vouliez-vous dire « ald » ?",
        "q.jsonl:9 — ce n'est pas une question. Écrivez {text: …, theme: …}.",
        "q.jsonl:10 — « text » contient un caractère qui n'existe pas (moitié d'émoji). Réécrivez-le.",
        "8 ligne(s) à corriger sur 9 : rien n'a été mesuré.",
    ]


def test_the_lines_of_a_yaml_file_are_those_of_its_rows(tmp_path):
    text = "# un commentaire\nquestions:\n- {text: a, theme: ceam}\n# un autre\n-\n  text: b\n  theme: inconnu\n"
    assert refused(tmp_path, text)[0].startswith("questions.yml:6 — thème inconnu « inconnu »")


def test_many_faults_are_counted_rather_than_all_told(tmp_path):
    said = refused(tmp_path, '{"text": "a", "intent": "weather"}\n' * 50, "q.jsonl")
    assert said[20:] == ["… et 30 autres.", "50 ligne(s) à corriger sur 50 : rien n'a été mesuré."]


def test_a_row_without_part_among_others_would_be_lost(tmp_path):
    said = refused(tmp_path, "- {text: a, theme: ceam, part: preuve}\n- {text: b, theme: ald}\n")
    assert said[0].startswith("questions.yml:2 — « part » manque")


@pytest.mark.parametrize("text", ["", "[]", "questions: []", "autre: 1"])
def test_a_file_without_questions_is_refused(tmp_path, text):
    assert "aucune question" in refused(tmp_path, text)[0]


def test_a_file_that_is_missing_or_of_another_shape_is_refused(tmp_path):
    with pytest.raises(QuestionsRefused, match="introuvable"):
        read_questions(tmp_path, THEMES)
    assert "pas une liste" in refused(tmp_path, "questions: {a: 1}")[0]
    with pytest.raises(ContentError, match=r"questions.yml:1 — YAML illisible"):
        read(tmp_path, "- {text: a]\n- {text: b}\n")
    (tmp_path / "latin.jsonl").write_bytes('{"text": "é"}'.encode("latin-1"))
    with pytest.raises(QuestionsRefused, match="UTF-8"):
        read_questions(tmp_path / "latin.jsonl", THEMES)


def test_a_file_without_parts_is_read_whole():
    asked = [Question("a", "ceam"), Question("b", "ald")]
    assert in_part(asked, None) == asked
    with pytest.raises(QuestionsRefused, match="enlevez --part"):
        in_part(asked, "preuve")


def test_a_part_is_chosen_and_is_reglage_when_nothing_is_said():
    asked = [Question("a", "ceam", part="reglage"), Question("b", "ald", part="preuve")]
    assert in_part(asked, None) == asked[:1]
    assert in_part(asked, "preuve") == asked[1:]
    with pytest.raises(QuestionsRefused, match="« preuve », « reglage »"):
        in_part(asked, "autre")
