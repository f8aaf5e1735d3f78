"""`bin/guichet evaluate` and `robustness`, with a brain that is a table."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from guichet import model, understanding
from guichet.cli import app
from guichet.settings import ROOT
from tests.guichet.evaluate.builders import reply

ROWS = [
    {"text": "ma carte européenne", "theme": "ceam"},
    {"text": "affection longue durée", "theme": "ald", "noise": "accents"},
    {"text": "je veux mourir", "theme": "urgence_suicide"},
    {"text": "mon dossier caf", "theme": "hors_sujet", "kind": "near"},
    {"text": "recette de crêpes", "intent": "hors_sujet", "kind": "far"},
]


def brain(texts, archive):
    """Knows a card when it reads one, and takes the rest for something else."""
    brain.calls.append(texts)
    return [reply("ceam" if "carte" in text else "hors_sujet", confidence=0.8) for text in texts]


@pytest.fixture
def run(tmp_path, monkeypatch):
    brain.calls = []
    monkeypatch.setattr(understanding, "ask", brain)
    monkeypatch.setattr(model, "is_current", lambda: True)
    env = {"GUICHET_DATA_DIR": str(ROOT / "data"), "GUICHET_VAR_DIR": str(tmp_path / "var"), "COLUMNS": "200"}
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], env=env)


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def test_evaluate_asks_once_and_shows_writes_and_draws(run, questions, tmp_path):
    record, shown = tmp_path / "new" / "mesures.json", tmp_path / "rapport.html"
    done = run("evaluate", questions, "--json", record, "--html", shown)
    assert done.exit_code == 0, done.output
    assert brain.calls == [[row["text"] for row in ROWS]]
    assert "5 questions, fichier sans parts" in done.stdout
    assert "« affection longue durée »" in done.stdout
    assert f"Écrit : {record}" in done.stdout.replace("\n", "")
    measured = json.loads(record.read_text(encoding="utf-8"))
    assert measured["accuracy"]["in_domain"]["first"]["right"] == 2  # the crisis is recognised without the model
    assert measured["decisions"]["refused"]["near"]["value"] == 1.0
    assert shown.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_evaluate_reads_the_part_reglage_of_our_own_file_and_hides_the_proof(run):
    done = run("evaluate")
    assert "part « reglage »" in done.stdout
    assert "Confusions" in done.stdout
    proof = run("evaluate", "--part", "preuve").stdout
    assert "part « preuve »" in proof
    assert "manqué" in proof
    assert [text for text in brain.calls[1] if f"« {text} »" in proof] == []


def test_evaluate_refuses_bad_rows_before_asking_the_brain(run, questions):
    questions.write_text('{"text": "a", "theme": "ceam"}\n{"text": "b", "theme": "ceams"}\n', encoding="utf-8")
    done = run("evaluate", questions)
    assert done.exit_code == 1
    assert f"{questions}:2 — thème inconnu « ceams »" in done.stderr
    assert "Vouliez-vous dire « ceam » ?" in done.stderr
    assert brain.calls == []


def test_evaluate_says_when_it_cannot_write(run, questions, tmp_path):
    done = run("evaluate", questions, "--json", tmp_path)
    assert done.exit_code == 1
    assert "ne peut pas être écrit" in done.stderr


def test_evaluate_says_what_to_do_without_a_model(run, questions, monkeypatch):
    def fail(texts, archive):
        raise understanding.NotUnderstood("Il n'y a pas encore de modèle.")

    monkeypatch.setattr(understanding, "ask", fail)
    done = run("evaluate", questions)
    assert (done.exit_code, done.stderr.strip()) == (1, "Il n'y a pas encore de modèle.")


def test_an_old_model_is_told(run, questions, monkeypatch):
    monkeypatch.setattr(model, "is_current", lambda: False)
    assert "lancez « bin/guichet train »" in run("evaluate", questions).stdout


def test_robustness_spoils_the_careful_questions_and_asks_once(run, questions, tmp_path):
    record, shown = tmp_path / "mesures.json", tmp_path / "rapport.html"
    done = run("robustness", questions, "--json", record, "--html", shown)
    assert done.exit_code == 0, done.output
    assert len(brain.calls) == 1
    assert "MA CARTE EUROPÉENNE" in brain.calls[0]
    assert "2 questions soignées du domaine" in done.stdout
    measured = json.loads(record.read_text(encoding="utf-8"))
    assert measured["kinds"]["capitals"]["clean"]["right"] == 2
    assert measured["themes"]["ceam"]["kinds"]["capitals"]["lost"] == 1.0
    assert "La résistance de Guichet au bruit" in shown.read_text(encoding="utf-8")


def test_robustness_needs_a_careful_question(run, questions):
    questions.write_text('{"text": "a", "theme": "ceam", "noise": "sms"}\n', encoding="utf-8")
    done = run("robustness", questions)
    assert done.exit_code == 1
    assert "n'a pas de question soignée" in done.stderr
