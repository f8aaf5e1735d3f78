"""The authors' commands: check, new theme, try, diff; and the guide that shows them."""

from __future__ import annotations

import asyncio
import re
import shlex
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from ruamel.yaml import YAML
from typer.main import get_command
from typer.testing import CliRunner

from guichet import model, safety, skeleton, understanding
from guichet.check import ERROR, WARNING, check
from guichet.check.addresses import AT_ONCE, Address, addresses, try_addresses
from guichet.cli import app
from guichet.cli.looks import show_changes, show_trial
from guichet.content import load_content
from guichet.preview import preview
from guichet.questions import Question
from guichet.settings import ROOT
from guichet.skeleton import SkeletonRefused, write_skeleton
from guichet.understanding import Change, NotUnderstood, ask, changes
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


@pytest.fixture(scope="module")
def content():
    return load_content(ROOT / "data")


@pytest.fixture(scope="module")
def detector():
    return safety.load(ROOT / "data" / "urgences.yml")


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


# --- check --links, against a local server


class Site(BaseHTTPRequestHandler):
    """Answers by path; counts visits and how many it serves at once."""

    visits: Counter[str] = Counter()
    now = most = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        with Site.lock:
            Site.visits[self.path] += 1
            Site.now += 1
            Site.most = max(Site.most, Site.now)
        time.sleep(1.0 if self.path == "/slow" else 0.02)
        code, location = {
            "/gone": (404, None),
            "/robots": (403, None),
            "/broken": (503, None),
            "/moved": (301, "/fine"),
            "/removed": (302, "/"),
            "/loop": (302, "/loop"),
        }.get(self.path, (200, None))
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()
        with Site.lock:
            Site.now -= 1

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def site() -> Iterator[str]:
    Site.visits, Site.most = Counter(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def visit(urls: list[str], *, shown: bool = True, limit: float = 0.5):
    """(findings, what the progress said)."""
    told: list[tuple[int, int]] = []

    async def go():
        async with httpx.AsyncClient(follow_redirects=True, trust_env=False, max_redirects=4) as client:
            wanted = [Address(url, Path("data/x.yml"), n + 1, shown) for n, url in enumerate(urls)]
            return await try_addresses(wanted, client, lambda *step: told.append(step), limit)

    return asyncio.run(go()), told


@pytest.mark.parametrize(
    ("path", "level", "said"),
    [
        ("/fine", None, ""),
        ("/gone", ERROR, "la page n'existe plus (404)"),
        ("/robots", WARNING, "refuse d'être ouvert par un programme (403)"),
        ("/broken", WARNING, "a répondu par une erreur (503)"),
        ("/moved", WARNING, "a changé d'adresse"),
        ("/removed", WARNING, "renvoie à la page d'accueil"),
        ("/loop", WARNING, "renvoie sans fin"),
        ("/slow", WARNING, "pas de réponse en 0.5 s"),
    ],
)
def test_each_way_an_address_can_fail_is_told(path, level, said):
    with site() as base:
        found, _ = visit([base + path])
    assert [finding.level for finding in found] == ([level] if level else [])
    assert all(said in finding.what for finding in found)


def test_a_site_that_cannot_be_reached_is_a_warning():
    with site() as base:
        pass  # closed again: nobody listens on its port
    (finding,), _ = visit([base])
    assert finding.level == WARNING
    assert "ne s'ouvre pas" in finding.what


def test_a_page_that_only_backs_a_fact_is_never_an_error():
    with site() as base:
        (finding,), _ = visit([base + "/gone"], shown=False)
    assert (finding.level, finding.consequence) == (WARNING, "le fait n'a plus de preuve.")


def test_an_address_is_opened_once_and_a_few_at_a_time_with_progress():
    with site() as base:
        found, told = visit([f"{base}/{n}" for n in range(12)] + [base + "/gone"] * 2)
    assert max(Site.visits.values()) == 1
    assert 1 < Site.most <= AT_ONCE
    assert told == [(n, 13) for n in range(1, 14)]
    assert [finding.line for finding in found] == [13, 14]  # each place that gives the dead address


def test_every_external_address_of_the_content_is_known_with_its_line(data):
    found = {(address.url, address.path.name, address.shown) for address in addresses(data)}
    assert ("https://assure.ameli.fr/", "teleservices.yml", True) in found
    assert ("https://www.caf.fr/", "organismes.yml", True) in found
    assert ("https://www.ameli.fr/assure", "ma_carte.yml", True) in found
    assert ("https://www.ameli.fr/franchises", "montants.yml", False) in found


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


# --- try


def understood(text: str, intent: str, **decision: object) -> dict:
    ranking = [{"name": intent, "confidence": 0.9}, {"name": "ceam", "confidence": 0.06}]
    said = {"intent": intent, "why": "sûr", "reason": f"compris comme *{intent}* (0,90)", **decision}
    near = [{"text": "un exemple", "intent": intent, "similarity": 0.8}]
    return {"text": text, "intent": ranking[0], "ranking": ranking, "nearest": near, "decision": said}


def test_the_model_is_asked_without_a_server():
    lost, vague = ask(["j'ai perdu ma carte vitale", "  /mon dossier"], model.MODEL)
    assert lost["decision"]["intent"] == "carte_vitale_perte_vol"
    assert lost["ranking"][0]["confidence"] > 0.5
    assert lost["nearest"][0]["text"]
    assert "carte_vitale_perte_vol" in lost["decision"]["reason"]
    assert vague["text"] == "  /mon dossier"


def test_a_phrase_with_a_line_separator_is_one_phrase():
    phrases = ["ma\u2028carte", "mon\x85rib"]
    assert [said["text"] for said in ask(phrases, model.MODEL)] == phrases


def test_a_missing_model_and_one_that_cannot_be_read_say_what_to_do(tmp_path):
    with pytest.raises(NotUnderstood, match="bin/guichet train"):
        ask(["bonjour"], tmp_path / "none.tar.gz")
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(NotUnderstood, match="broken.tar.gz ne se lit pas"):
        ask(["bonjour"], broken)


def test_an_answer_is_previewed_with_its_links_and_buttons(content, detector):
    why, (message,) = preview(content, detector, understood("carte perdue", "carte_vitale_perte_vol"))
    assert why == "compris comme carte_vitale_perte_vol (0,90)"
    assert message["kind"] == "answer"
    assert message["links"]
    assert message["source"]["url"].startswith("https://")
    assert message["choices"][-1]["label"] == "Non"


def test_two_questions_are_previewed_as_two_answers(content, detector):
    asked = understood("...", "plusieurs_questions", themes=["ceam", "changement_rib"])
    announced, *answers = preview(content, detector, asked)[1]
    assert (announced["kind"], announced["theme"]) == ("notice", None)
    assert [message["theme"] for message in answers] == ["ceam", "changement_rib"]


def test_a_hesitation_is_previewed_as_a_choice(content, detector):
    asked = understood("ma carte", "clarification", themes=["ceam", "carte_vitale_probleme"], vague=False)
    (message,) = preview(content, detector, asked)[1]
    assert message["kind"] == "clarify"
    assert len(message["choices"]) == 3


def test_a_phrase_not_understood_is_previewed_with_near_themes_and_a_person(content, detector):
    (message,) = preview(content, detector, understood("blabla", "nlu_fallback"))[1]
    assert message["kind"] == "retry"
    near, person = (choice["label"] for choice in message["choices"])
    assert (near[:16], person) == ("Carte européenne", "Parler à un conseiller")


def test_a_question_for_others_is_previewed_with_whose_job_it_is(content, detector):
    (message,) = preview(content, detector, understood("mon dossier caf", "hors_sujet"))[1]
    assert "Caf" in message["text"]


def test_a_crisis_is_previewed_whatever_the_model_understood(content, detector):
    why, (message,) = preview(content, detector, understood("je veux mourir", "ceam"))
    assert why.startswith("message de crise")
    assert message["kind"] == "emergency"
    assert message["text"].startswith("[3114](tel:3114)")


def test_a_trial_shows_themes_examples_reason_and_the_answer(content, detector):
    screen = Console(file=StringIO(), width=160, highlight=False)
    asked = understood("carte [perdue]", "carte_vitale_perte_vol")
    show_trial(screen, content, asked, *preview(content, detector, asked))
    shown = screen.file.getvalue()
    assert "« carte [perdue] »" in shown
    assert "compris comme carte_vitale_perte_vol (0,90)" in shown
    assert re.search(r"carte_vitale_perte_vol\s+Carte Vitale perdue ou volée\s+90 %", shown)
    assert "« un exemple » — carte_vitale_perte_vol, ressemblance 80 %" in shown
    assert "https://assure.ameli.fr/" in shown
    assert "[ Oui, merci ]" in shown


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
