"""The authors' commands check, new theme and diff; and the guide that shows them all."""

from __future__ import annotations

import re
import shlex
import time
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from ruamel.yaml import YAML
from typer.main import get_command
from typer.testing import CliRunner

from guichet import model, skeleton, understanding
from guichet.check import check
from guichet.cli import app
from guichet.cli.looks import show_changes
from guichet.questions import Question
from guichet.settings import ROOT
from guichet.skeleton import SkeletonRefused, write_skeleton
from guichet.understanding import Change, changes
from tests.guichet.content_builder import examples, theme_text, write_data

TODAY = date(2026, 11, 22)
GUIDE = ROOT / "docs" / "fr" / "rediger.md"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path)


@pytest.fixture
def run(data, tmp_path, monkeypatch):
    """Runs a command on the tiny content; sentence vectors have tests of their own."""
    monkeypatch.setattr("guichet.check.find_strays", lambda cache: lambda by_theme: [])
    env = {"GUICHET_DATA_DIR": str(data), "GUICHET_VAR_DIR": str(tmp_path / "var"), "COLUMNS": "200"}
    return lambda *words: CliRunner().invoke(app, words, env=env)


# --- check


def spoil(data: Path) -> None:
    """One error and one warning in ma_carte."""
    path = data / "themes" / "compte" / "ma_carte.yml"
    path.write_text(theme_text("ma_carte", examples(0), answer="Elle coûte 12 €."), encoding="utf-8")


def test_check_ends_well_when_there_is_nothing_to_say(run):
    done = run("check")
    assert (done.exit_code, done.stdout.strip()) == (0, "Rien à signaler.")


def test_check_groups_by_file_counts_by_kind_and_fails_on_an_error(run, data):
    spoil(data)
    done = run("check")
    assert done.exit_code == 1
    assert "data/themes/compte/ma_carte.yml\n" in done.stdout
    assert "erreur un montant ou un taux est écrit dans le texte : « 12 € »." in done.stdout
    assert "→ Écrivez « [[montant.ID]] »" in done.stdout
    assert "1 erreur(s) : montant-en-clair 1" in done.stdout
    assert "1 avertissement(s) : trop-court 1" in done.stdout


def test_check_shows_only_the_files_it_is_given(run, data):
    spoil(data)
    assert run("check", str(data / "themes" / "compte" / "mon_rib.yml")).exit_code == 0
    assert run("check", str(data / "themes" / "compte" / "ma_carte.yml")).exit_code == 1


def test_check_says_when_a_file_does_not_exist(run):
    assert run("check", "data/themes/nulle_part.yml").exit_code == 1


def test_check_prints_the_counts_by_theme(run):
    lines = run("check", "--counts").stdout.splitlines()
    row = next(line for line in lines if "ma_carte" in line)
    assert re.findall(r"\w+", row) == ["compte", "ma_carte", "30", "45", "0"]
    assert any("3 thèmes, 0 sans fichier, 90 exemples" in line for line in lines)


def test_check_watches_until_it_is_interrupted(run, data, monkeypatch):
    pauses = 0

    def pause(seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 2:
            spoil(data)
        if pauses == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", pause)
    done = run("check", "--watch")
    assert "Rien à signaler." in done.stdout
    assert "montant-en-clair" in done.stdout
    assert done.exit_code == 1


# --- new theme


def lose(data: Path) -> None:
    """Leave the theme ma_carte without its file."""
    (data / "themes" / "compte" / "ma_carte.yml").unlink()


def test_the_skeleton_only_lacks_what_the_author_writes(data):
    lose(data)
    path = write_skeleton(data, "ma_carte", TODAY)
    left = {finding.rule for finding in check(data, TODAY) if finding.path.name == "ma_carte.yml"}
    assert left == {"a-completer", "peu-d-exemples", "proches"}
    assert "# Avoir une carte." in path.read_text(encoding="utf-8")
    assert "a_revoir_le: 2027-11-22" in path.read_text(encoding="utf-8")


def test_a_skeleton_once_filled_has_no_finding(data):
    lose(data)
    path = write_skeleton(data, "ma_carte", TODAY)
    good = theme_text("ma_carte", examples(0))
    text = path.read_text(encoding="utf-8")
    answer = good[good.index("  - text: |-") : good.rindex("\n")]
    text = text.replace(f"  - text: |-\n      {skeleton.PLACEHOLDER}", answer)
    text = text.replace(f"    - {skeleton.PLACEHOLDER}\n", "".join(f"    - {one}\n" for one in examples(0)))
    text = text.replace(f"source: {skeleton.PLACEHOLDER}", "source: https://www.ameli.fr/assure")
    text = text.replace("proches: []", "proches: [mon_rib, ma_caisse]").replace(skeleton.PLACEHOLDER, "Rempli")
    path.write_text(text, encoding="utf-8")
    assert check(data, TODAY) == []


def test_new_theme_refuses_an_unknown_id_and_says_what_to_do(data):
    with pytest.raises(SkeletonRefused, match=r"« ma_cart » n'est pas dans data/catalogue.yml.*ajoutez-y d'abord"):
        write_skeleton(data, "ma_cart", TODAY)


def test_new_theme_never_writes_over_a_file(data):
    before = (data / "themes" / "compte" / "ma_carte.yml").read_text(encoding="utf-8")
    with pytest.raises(SkeletonRefused, match="existe déjà"):
        write_skeleton(data, "ma_carte", TODAY)
    assert (data / "themes" / "compte" / "ma_carte.yml").read_text(encoding="utf-8") == before


def test_new_theme_says_where_the_file_is(run, data):
    lose(data)
    done = run("new", "theme", "ma_carte")
    assert done.exit_code == 0
    assert "data/themes/compte/ma_carte.yml est prêt" in done.stdout
    assert run("new", "theme", "ma_carte").exit_code == 1


def test_a_review_planned_on_a_29_february_falls_on_the_28(data):
    lose(data)
    assert "2029-02-28" in write_skeleton(data, "ma_carte", date(2028, 2, 29)).read_text(encoding="utf-8")


# --- diff

QUESTIONS = [
    Question("une", "a", frozenset({"b"}), "reglage"),
    Question("deux", "b", part="reglage"),
    Question("trois", "c", part="reglage"),
    Question("secrete", "a", part="preuve"),
]


def answered(*intents: str) -> list[dict]:
    return [{"intent": {"name": intent}} for intent in intents]


def test_only_questions_that_change_are_reported_and_judged(monkeypatch):
    said = {"before": answered("a", "a", "c", "b"), "after": answered("b", "b", "a", "b")}
    monkeypatch.setattr(understanding, "ask", lambda texts, archive: said[archive.name])
    found = changes(QUESTIONS, Path("before"), Path("after"))
    assert [(change.question.text, change.verdict) for change in found] == [
        ("une", "autre"),
        ("deux", "gagnée"),
        ("trois", "perdue"),
    ]


def test_the_texts_of_the_proof_part_are_never_shown():
    screen = Console(file=StringIO(), width=120, highlight=False)
    found = [Change(QUESTIONS[2], "c", "a"), Change(QUESTIONS[3], "a", "b")]
    show_changes(screen, QUESTIONS, found)
    shown = screen.file.getvalue()
    assert "trois" in shown
    assert "secrete" not in shown
    assert "reglage : 3 questions, 1 perdue(s)" in shown
    assert "preuve : 1 questions, 1 perdue(s)" in shown


def test_one_model_compared_with_itself_changes_nothing():
    questions = [Question("perdu ma carte vitale", "carte_vitale_perte_vol", part="reglage")]
    assert changes(questions, model.MODEL, model.MODEL) == []


@pytest.mark.parametrize(("fingerprint", "kept"), [("another content", True), (None, False)])
def test_training_keeps_the_model_it_replaces_when_the_content_changed(tmp_path, monkeypatch, fingerprint, kept):
    for name in ("MODEL", "PREVIOUS", "LEAVING", "FINGERPRINT"):
        monkeypatch.setattr(model, name, tmp_path / getattr(model, name).name)
    trainer = tmp_path / "python"
    trainer.write_text(f"#!/bin/sh\nprintf new > {model.MODEL}\n", encoding="utf-8")
    trainer.chmod(0o755)
    monkeypatch.setattr(model, "PYTHON", trainer)
    model.MODEL.write_text("old", encoding="utf-8")
    model.FINGERPRINT.write_text(fingerprint or model.fingerprint(), encoding="utf-8")
    model.train(tmp_path / "train.log")
    assert model.MODEL.read_text(encoding="utf-8") == "new"
    assert model.PREVIOUS.exists() is kept
    assert not kept or model.PREVIOUS.read_text(encoding="utf-8") == "old"
    assert not model.LEAVING.exists()


def test_diff_says_what_to_do_without_a_previous_model(run, monkeypatch, tmp_path):
    monkeypatch.setattr(model, "PREVIOUS", tmp_path / "none.tar.gz")
    assert run("diff").exit_code == 1


# --- the guide


def blocks(language: str) -> list[str]:
    """The code blocks of the guide, without the indentation of the list they may stand in."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


def commands() -> list[str]:
    return [one.strip() for block in blocks("sh") for line in block.splitlines() for one in line.split("&&") if one]


def test_the_guide_shows_every_author_command():
    shown = "\n".join(commands())
    checks = ("check", "check --watch", "check --links", "check --counts")
    for command in (*checks, "train", "new theme", "try", "diff", "evaluate", "robustness", "talk"):
        assert f"bin/guichet {command}" in shown


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_each_command_of_the_guide_exists_with_its_options_and_files(line):
    program, *words = shlex.split(line)
    if program == ".venv/bin/python":
        assert words[:2] == ["-m", "pytest"]
        assert all((ROOT / word).exists() for word in words[2:])
        return
    assert program == "bin/guichet"
    command = get_command(app)
    with command.make_context("guichet", words, resilient_parsing=False) as context:
        while hasattr(command, "resolve_command"):
            name, command, words = command.resolve_command(context, words)
            command.make_context(name, list(words), parent=context)
    for word in words:
        assert not word.startswith("data/") or (ROOT / word).exists()


@pytest.mark.parametrize("block", blocks("yaml"))
def test_each_example_file_of_the_guide_is_good_yaml(block):
    assert YAML(typ="safe").load(block)


def test_the_entries_of_the_guide_pass_the_check(data):
    for block in blocks("yaml"):
        document = YAML(typ="safe").load(block)
        for registry in ("teleservices", "montants"):
            if registry in document:
                path = data / f"{registry}.yml"
                path.write_text(path.read_text(encoding="utf-8") + block.split("\n", 1)[1] + "\n", encoding="utf-8")
    assert check(data, TODAY) == []


def test_the_guide_says_how_long_answers_are_and_how_many_examples():
    text = GUIDE.read_text(encoding="utf-8")
    for words in (
        "40 à 90 mots",
        "15 à 60 mots",
        "au moins 30",
        "60 pour les besoins fréquents",
        "Au-delà de vingt-cinq",
    ):
        assert words in text
