"""What the report says, and how it looks on a terminal, as JSON and as a page."""

from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console

from guichet.cli.looks import show_report
from guichet.evaluate import Evaluation, evaluation_record, evaluation_report, page
from guichet.evaluate.measures import Rate
from guichet.evaluate.plots import draw
from guichet.evaluate.report import Curve, Plot, decimal, percent, with_interval
from tests.guichet.evaluate.builders import outcome
from tests.guichet.evaluate.test_evaluation import ROWS

TODAY = date(2026, 11, 25)
SPACE = "\N{NO-BREAK SPACE}"


def shown(evaluation: Evaluation) -> str:
    screen = Console(file=StringIO(), width=160, highlight=False)
    show_report(screen, evaluation_report(evaluation))
    return screen.file.getvalue()


def test_numbers_are_written_in_french():
    assert percent(0.931) == f"93,1{SPACE}%"
    assert decimal(0.0837) == "0,084"
    assert decimal(None) == percent(None) == with_interval(Rate(0, 0)) == "—"
    assert with_interval(Rate(8, 10)) == f"80,0{SPACE}% (49,0 à 94,3)"


def test_the_terminal_shows_each_measure():
    text = shown(Evaluation(ROWS))
    for words in (
        "10 questions, fichier sans parts",
        "bonne clarification",
        "dont « hors sujet » dit à tort",
        "style SMS",
        "AUROC",
        "AURC",
        "ECE",
        "macro-F1",
        "couverture à 5 % d'erreurs",
        "« deux »",
        "non précisé",
    ):
        assert words in text


def test_verdicts_are_given_on_the_proof_alone_and_its_sentences_hidden():
    proof, tuning = shown(Evaluation(ROWS, "preuve")), shown(Evaluation(ROWS, "reglage"))
    assert "manqué" in proof
    assert "« deux »" not in proof
    assert "manqué" not in tuning
    assert f"≥ 91,0{SPACE}%" in tuning
    assert "« deux » " in tuning


def test_markup_in_a_sentence_is_shown_as_typed():
    evaluation = Evaluation((outcome("ceam", "ald", text="[red]<b>&"),))
    assert "« [red]<b>& »" in shown(evaluation)
    assert "« [red]&lt;b&gt;&amp; »" in page(evaluation_report(evaluation), TODAY)


def test_the_record_is_json_and_says_the_same():
    record = json.loads(json.dumps(evaluation_record(Evaluation(ROWS, "reglage")), allow_nan=False))
    first = record["accuracy"]["in_domain"]["first"]
    assert first == {
        "right": 2, "total": 6, "value": pytest.approx(1 / 3), "interval": pytest.approx([0.097, 0.700], abs=0.001),
    }  # fmt: skip
    assert record["decisions"]["out_of_domain"]["unspecified"] == {"clarification": 1}
    assert record["targets"]["first"] == {
        "measure": record["accuracy"]["in_domain"]["first"],
        "at_least": 0.91,
        "met": None,
    }
    assert record["confusions"][0]["questions"] == [{"text": "deux", "third": True}, {"text": "trois", "third": True}]
    assert record["risk_coverage"]["in_domain"]["coverage_at"]["0.02"] == pytest.approx(1 / 3)


def test_the_record_of_the_proof_judges_and_holds_no_sentence():
    record = evaluation_record(Evaluation(ROWS, "preuve"))
    assert record["targets"]["first"]["met"] is False
    assert "deux" not in json.dumps(record)


class Outline(HTMLParser):
    """The tags of a page with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_asks_for_nothing_and_runs_nothing():
    text = page(evaluation_report(Evaluation(ROWS)), TODAY)
    outline = Outline(text)
    assert {tag for tag, _ in outline.tags} & {"script", "link", "img", "iframe", "image", "use"} == set()
    assert [value for _, attributes in outline.tags for key, value in attributes.items() if key == "src"] == []
    assert all(attributes["href"].startswith("#") for attributes in outline.named("a"))
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_has_a_language_headings_and_a_table_beside_each_plot():
    outline = Outline(page(evaluation_report(Evaluation(ROWS)), TODAY))
    assert outline.named("html") == [{"lang": "fr"}]
    assert len(outline.named("h1")) == 1
    assert len(outline.named("h2")) == len(outline.named("section")) == 9
    assert len(outline.named("caption")) == len(outline.named("table"))
    ids = [attributes["id"] for _, attributes in outline.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for plot in outline.named("svg"):
        assert plot["role"] == "img"
        assert plot["aria-labelledby"] in ids
    assert len(outline.named("svg")) == len(outline.named("figure")) == 2


def test_the_page_of_the_proof_colours_its_verdicts():
    assert "missed" in [
        word
        for attributes in Outline(page(evaluation_report(Evaluation(ROWS, "preuve")), TODAY)).named("td")
        for word in (attributes.get("class") or "").split()
    ]


def test_the_same_measures_give_the_same_page():
    assert page(evaluation_report(Evaluation(ROWS)), TODAY) == page(evaluation_report(Evaluation(ROWS)), TODAY)


@pytest.mark.parametrize("rows", [(), ROWS[6:8]])
def test_measures_of_nothing_make_a_report_too(rows):
    evaluation = Evaluation(rows)
    assert "—" in shown(evaluation)
    assert "Rien à montrer." in page(evaluation_report(evaluation), TODAY)
    json.dumps(evaluation_record(evaluation), allow_nan=False)


def test_a_plot_draws_its_curves_in_the_colours_of_the_service():
    curves = (Curve("guide", ((0.0, 0.0), (1.0, 1.0)), guide=True), Curve("mesure", ((0.2, 0.4), (0.9, 0.8))))
    text = draw(Plot("essai", "Titre", "Ce qu'on voit.", "de côté", "en haut", curves))
    ElementTree.fromstring(text)
    for words in ("#0c419a", "#545859", "de côté", "en haut", "mesure", f"60{SPACE}%", 'aria-labelledby="essai-titre"'):
        assert words in text
    assert "<script" not in text
