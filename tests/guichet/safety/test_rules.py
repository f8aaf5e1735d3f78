"""The words, the language of the rules, the file they are read from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import guichet.safety
from guichet.model import LIKENESS
from guichet.safety import Detection, Detector, PatternError, load
from guichet.safety.learn import learning_examples
from guichet.safety.normalise import Normaliser, fold, stem
from guichet.safety.patterns import Automaton, expand
from tests.guichet.safety.messages import DATA, ROOT


def test_words_that_sound_alike_are_one():
    assert {stem(fold(w)) for w in ("frapper", "frappé", "frappées", "frappez", "frape")} == {"frape"}
    assert fold("ŒUVRE ıyı İÇİN") == "oeuvre iyi icin"
    assert Normaliser({"g": "j'ai"}).words("G n'ai ne pas") == ["j", "ai", "ai", "pas"]


def test_a_forgotten_apostrophe_is_restored_but_real_words_are_kept():
    normaliser = Normaliser({}, elided=["etoufe", "ordre"], real=["mordre"])
    assert normaliser.words("elle setouffe") == ["ele", "s", "etoufe"]
    assert normaliser.words("mordre") == ["mordre"]


def matched(rule: str, text: str, **lists: list[str]) -> bool:
    words = Normaliser({}).words
    automaton = Automaton(
        [(0, expand(rule, lists, words))], barriers=["pas"], forgiven=["mourir"], neighbours=["murir"]
    )
    return any(automaton.matches(words(text)))


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("je veux mourir", "alors je veux mourir", True),
        ("je veux mourir", "je mourir veux", False),
        ("mal|douleur poitrine", "douleur poitrine", True),
        ("saign~", "il saignait", True),
        ("mal * poitrine", "mal dans la poitrine", True),
        ("mal * poitrine", "mal poitrine", True),
        ("mal * poitrine", "mal un deux trois quatre poitrine", False),
        ("mal ** poitrine", "mal un deux trois quatre poitrine", True),
        ("veux * mourir", "veux pas mourir", False),
        ("^ au secours $", "au secours", True),
        ("^ au secours $", "au secours je comprends rien", False),
        ("plus (en vie|la)", "plus en vie", True),
        ("plus (en vie|la)", "plus vie", False),
        ("mon <proche> tombe", "mon grand père tombe", True),
        ("veux mourir", "veux mouirr", True),
        ("veux mourir", "veux murir", False),
        ("veux mourir", "veux courir", False),
    ],
)
def test_the_rule_language(rule, text, expected):
    assert matched(rule, text, proche=["fils", "grand père"]) is expected


@pytest.mark.parametrize(
    "rule", ["", "* mourir", "mourir *", "<inconnue>", "<boucle>", "(a|)", "mal*poitrine", "~", "a~", "(a b", "ne"]
)
def test_a_rule_that_cannot_be_read_is_refused_in_french(rule):
    with pytest.raises(PatternError, match="«|Un choix"):
        expand(rule, {"boucle": ["<boucle>"]}, Normaliser({}).words)


def small_file(folder: Path, phrase: str = "je veux mourir", sms: str = "{}") -> Path:
    path = folder / "urgences.yml"
    path.write_text(
        f"sms: {sms}\nlistes: {{}}\nnegations: []\nfautes_pardonnees: []\nmots_voisins: []\n"
        "demarches:\n- dossier\nquestions:\n- comment\npolitesses: []\n"
        f"detections:\n  urgence_suicide:\n    phrases_ambigues:\n    - {phrase}\n",
        encoding="utf-8",
    )
    return path


def test_an_ambiguous_rule_is_silent_in_an_administrative_question(tmp_path):
    detector = load(small_file(tmp_path))
    assert isinstance(detector, Detector)
    assert detector.detect("je veux mourir") == Detection("urgence_suicide", "je veux mourir")
    assert detector.detect("je veux mourir, et mon dossier ?") is None


@pytest.mark.parametrize(("phrase", "sms", "line"), [("mourir *", "{}", 14), ("mourir", "{je: j'ai, jé: je vais}", 1)])
def test_a_broken_file_is_refused_with_its_line(tmp_path, phrase, sms, line):
    with pytest.raises(PatternError, match=rf"urgences\.yml:{line} — "):
        load(small_file(tmp_path, phrase, sms))


@pytest.mark.parametrize("content", ["", "sms: {}", "a: [", "- a", "detections: 3"])
def test_a_file_of_another_shape_is_refused(tmp_path, content):
    path = tmp_path / "urgences.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PatternError):
        load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(PatternError, match="illisible"):
        load(tmp_path / "absent.yml")


def kept(path: Path, **changed: object) -> Path:
    """The learned file, with some of its parts changed."""
    document = json.loads(gzip.decompress(LIKENESS.read_bytes())) | changed
    path.write_bytes(gzip.compress(json.dumps(document).encode(), 1))
    return path


@pytest.mark.parametrize(
    "changed", [{"version": 1}, {"idf": "AAAA"}, {"pieces": "AA"}, {"weights": {"": "AAAAAA=="}}, {"weights": None}]
)
def test_the_rules_go_on_alone_when_what_was_learned_cannot_be_read(tmp_path, changed):
    assert load(DATA, kept(tmp_path / "whole")).likeness
    detector = load(DATA, kept(tmp_path / "changed", **changed))
    assert detector.likeness is None
    assert detector.detect("je vais me pendre").theme == "urgence_suicide"


def spoilt() -> bytes:
    whole = LIKENESS.read_bytes()
    return whole[:1000] + bytes(255 - byte for byte in whole[1000:2000]) + whole[2000:]


@pytest.mark.parametrize("written", [b"", b"not gzip", gzip.compress(b"{}"), gzip.compress(b"[")])
def test_a_file_that_is_not_what_was_learned_stops_nothing(tmp_path, written):
    path = tmp_path / "vigilance.json.gz"
    path.write_bytes(written)
    assert load(DATA, path).likeness is None


EXAMPLES = ["urgence_medicale.yml", "urgence_suicide.yml", "urgence_violences.yml", "calmes/droits.yml"]


def write_examples(folder: Path, names: list[str]) -> None:
    """Files of one example each, beside the themes of the urgences."""
    (folder / "themes").mkdir()
    (folder / "themes" / "urgences").symlink_to(ROOT / "data" / "themes" / "urgences")
    (folder / "urgences_exemples" / "calmes").mkdir(parents=True)
    for name in names:
        (folder / "urgences_exemples" / name).write_text("g: ['un message']", encoding="utf-8")


@pytest.mark.parametrize("lost", EXAMPLES)
def test_learning_without_all_its_files_is_refused(tmp_path, lost):
    write_examples(tmp_path, [name for name in EXAMPLES if name != lost])
    with pytest.raises(PatternError, match=f"il manque {lost.partition('.')[0].partition('/')[0]}"):
        next(learning_examples(tmp_path))


def test_learning_refuses_a_crisis_file_that_is_named_after_no_theme(tmp_path):
    write_examples(tmp_path, [*EXAMPLES, "urgence_medical.yml"])
    with pytest.raises(PatternError, match="urgence_medical.yml — ce nom n'est pas un thème"):
        next(learning_examples(tmp_path))


def test_the_file_gives_each_emergency_number_once():
    numbers = [entry["numero"] for entry in YAML(typ="safe").load(DATA.read_text(encoding="utf-8"))["numeros"]]
    assert len(numbers) == len(set(numbers))
    assert {"15", "112", "114", "17", "3114", "3919", "119"} <= set(numbers)


def test_public_names_are_sorted_and_there():
    assert guichet.safety.__all__ == sorted(guichet.safety.__all__)
    assert all(hasattr(guichet.safety, name) for name in guichet.safety.__all__)
