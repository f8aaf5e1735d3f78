"""The commands that measure understanding: `bin/guichet evaluate` and `robustness`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from guichet import model
from guichet.cli.authors import QUESTIONS
from guichet.cli.opening import configured, fail, out, telling, today
from guichet.safety import PatternError
from guichet.safety import load as load_detector

if TYPE_CHECKING:  # loaded by the commands that use them
    from guichet.evaluate import Outcome, Report
    from guichet.questions import Question

__all__ = ["evaluate", "robustness_command"]

FILE = typer.Argument(QUESTIONS, metavar="[FICHIER]", help="Les questions et leurs thèmes, en JSONL ou en YAML.")
PART = typer.Option(None, help="« reglage » (par défaut) pour choisir et corriger, « preuve » pour rendre compte.")
JSON = typer.Option(None, "--json", metavar="CHEMIN", help="Écrire aussi les mesures dans ce fichier JSON.")
HTML = typer.Option(None, "--html", metavar="CHEMIN", help="Écrire aussi le rapport dans cette page.")


def evaluate(
    questions: Path = FILE,
    part: str = PART,
    json_path: Path = JSON,
    html_path: Path = HTML,
) -> None:
    """Mesurer la compréhension : bon thème, confusions, confiance, hors du domaine, ce que le bot aurait fait."""
    from guichet.evaluate import Evaluation, evaluation_record, evaluation_report

    asked = _questions(questions, part)
    evaluation = Evaluation(_read(asked), asked[0].part)
    _tell(evaluation_report(evaluation), evaluation_record(evaluation), json_path, html_path)


def robustness_command(
    questions: Path = FILE,
    part: str = PART,
    json_path: Path = JSON,
    html_path: Path = HTML,
) -> None:
    """Mesurer ce que perdent les questions soignées quand on les abîme : fautes, SMS, capitales, accents …"""
    from guichet.evaluate import careful, robustness, robustness_record, robustness_report

    asked = careful(_questions(questions, part))
    if not asked:
        fail(f"{questions} n'a pas de question soignée (noise: none) du domaine : il n'y a rien à abîmer.")
    found = robustness(asked, _read, asked[0].part)
    _tell(robustness_report(found), robustness_record(found), json_path, html_path)


def _questions(path: Path, part: str | None) -> list[Question]:
    from guichet.questions import QuestionsRefused, catalogue, in_part, read_questions

    data = configured().data_dir
    with telling(QuestionsRefused):
        return in_part(read_questions(path, catalogue(data)), part)


def _read(questions: Sequence[Question]) -> tuple[Outcome, ...]:
    """What the bot makes of each: the crisis detector first, as in the web process, then the model, asked once."""
    from guichet.evaluate import outcomes
    from guichet.understanding import NotUnderstood, ask

    texts = [question.text for question in questions]
    data = configured().data_dir
    with telling(NotUnderstood, PatternError):
        detector = load_detector(data / "urgences.yml", model.LIKENESS)
        with out.status(f"Le modèle lit {len(texts)} phrases …"):
            understood = ask(texts, model.MODEL)
    return outcomes(questions, understood, [detector.detect(text) for text in texts])


def _tell(report: Report, record: dict[str, Any], json_path: Path | None, html_path: Path | None) -> None:
    """On the terminal, and in the files that were asked for."""
    from guichet.cli.looks import show_report
    from guichet.evaluate import page

    for path, write in (
        (json_path, lambda: json.dumps(record, ensure_ascii=False, indent=1) + "\n"),
        (html_path, lambda: page(report, today())),
    ):
        if path:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(write(), encoding="utf-8")
            except OSError as error:
                fail(f"{path} ne peut pas être écrit ({error.strerror}). Donnez un autre chemin.")
    show_report(out, report)
    if not model.is_current():
        out.print("[yellow]Le contenu a changé depuis l'entraînement : lancez « bin/guichet train ».[/]")
    for path in filter(None, (json_path, html_path)):
        out.print(f"Écrit : {path}", markup=False)
