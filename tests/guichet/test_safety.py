"""Crisis messages are recognised, look-alikes are left alone, and no text can stop the detector."""

from __future__ import annotations

import time
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import guichet.safety
from guichet.content.themes import read_theme
from guichet.model import LIKENESS
from guichet.safety import Detection, Detector, PatternError, load
from guichet.safety.normalise import Normaliser, fold, stem
from guichet.safety.patterns import Automaton, expand

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data" / "urgences.yml"
DETECTOR = load(DATA, LIKENESS)
RULES = load(DATA)  # without what was learned: a fresh checkout before its first training
THEMES = ("urgence_medicale", "urgence_suicide", "urgence_violences")


def read(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def crises(themes: dict) -> list[tuple[str, str, str]]:
    """(theme, explicites | voilees, message)."""
    return [(theme, kind, text) for theme in THEMES for kind, texts in themes[theme].items() for text in texts]


def flat(groups: dict) -> list[str]:
    return [text for texts in groups.values() for text in texts]


class Blind(NamedTuple):
    """Messages by writers who had seen nothing here: none of them is learned."""

    crises: list[tuple[str, str, str]]
    look_alikes: list[str]

    @classmethod
    def of(cls, name: str) -> Blind:
        document = read(Path(__file__).parent / f"{name}.yml")
        return cls(crises(document["crises"]), flat(document["ressemblances"]))

    @property
    def texts(self) -> list[str]:
        return [*(text for _, _, text in self.crises), *self.look_alikes]


LEARNED = read(ROOT / "data" / "urgences_exemples.yml")
CRISES, LOOK_ALIKES = crises(LEARNED), flat(LEARNED["calmes"])
# The thresholds were chosen on the first; the second only measures. Floors and ceilings stand a little off what was
# measured (ADR 8); the aims are 100 % of the explicit crises, 97 % of all, 1.5 % false alarms.
CHOSEN, MEASURED = Blind.of("securite"), Blind.of("securite_mesure")
BLIND = pytest.mark.parametrize("blind", [CHOSEN, MEASURED], ids=["chosen on", "only measured"])
EVERYTHING = [sentence for _, _, sentence in CRISES] + LOOK_ALIKES
as_written = cache(DETECTOR.detect)  # each is compared with its spellings, many times


def missed(found: list[tuple[str, str, str]]) -> list[str]:
    """The crises that the detector is silent on."""
    return [sentence for _, _, sentence in found if not DETECTOR.detect(sentence)]


def alarms(sentences: list[str]) -> list[str]:
    return [sentence for sentence in sentences if DETECTOR.detect(sentence)]


def report(capsys: pytest.CaptureFixture, line: str) -> None:
    with capsys.disabled():
        print(f"\n{line}")


# --- rates


def test_lists_are_large_enough_to_mean_something_and_nothing_measured_was_learned():
    assert DETECTOR.likeness, "run bin/guichet train first"
    assert len(CHOSEN.crises) + len(MEASURED.crises) >= 1000
    assert len(CHOSEN.look_alikes) + len(MEASURED.look_alikes) >= 1000
    measured = [fold(text) for text in CHOSEN.texts + MEASURED.texts]
    assert len(set(measured)) == len(measured)
    assert not set(measured) & {fold(text) for text in EVERYTHING}


@BLIND
def test_crises_that_nobody_here_had_seen_are_recognised(capsys, blind):
    told = [row for row in blind.crises if row[1] == "explicites"]
    rates = [1 - len(missed(rows)) / len(rows) for rows in (told, blind.crises)]
    beside = sum(bool(DETECTOR.detect(text) or DETECTOR.doubt(text)) for _, _, text in blind.crises) / len(blind.crises)
    right = sum((DETECTOR.detect(text) or Detection("", "")).theme == theme for theme, _, text in blind.crises)
    report(capsys, f"blind crises, explicit: {rates[0]:.1%} of {len(told)}; all: {rates[1]:.1%} of {len(blind.crises)},"
                   f" right theme {right / len(blind.crises):.1%}; numbers given at all: {beside:.1%}")  # fmt: skip
    assert rates[0] >= 0.975
    assert rates[1] >= 0.93
    assert beside >= 0.98


@BLIND
def test_look_alikes_that_nobody_here_had_seen_raise_few_alarms(capsys, blind):
    raised = alarms(blind.look_alikes)
    doubts = sum(DETECTOR.doubt(text) is not None for text in blind.look_alikes) / len(blind.look_alikes)
    rate = len(raised) / len(blind.look_alikes)
    report(capsys, f"blind look-alikes, false alarms: {rate:.1%} of {len(blind.look_alikes)}; numbers given beside an"
                   f" answer, or as an alarm: {doubts:.1%}")  # fmt: skip
    assert rate <= 0.03, raised


def test_what_was_learned_is_known(capsys):
    explicit = [row for row in CRISES if row[1] == "explicites"]
    rates = [1 - len(missed(rows)) / len(rows) for rows in (explicit, CRISES)]
    wrong = len(alarms(LOOK_ALIKES)) / len(LOOK_ALIKES)
    report(capsys, f"learned crises: explicit {rates[0]:.1%}, all {rates[1]:.1%} of {len(CRISES)}; false alarms on "
                   f"learned look-alikes: {wrong:.1%} of {len(LOOK_ALIKES)}")  # fmt: skip
    assert rates[0] >= 0.995
    assert rates[1] >= 0.99
    assert wrong <= 0.015


def test_questions_of_the_other_themes_raise_no_alarm(capsys):
    themes = [read_theme(path) for path in sorted((ROOT / "data" / "themes").glob("*/*.yml"))]
    examples = [example for theme in themes if theme.famille != "urgences" for example in theme.examples]
    raised, doubts = alarms(examples), sum(DETECTOR.doubt(example) is not None for example in examples)
    report(capsys, f"examples of other themes: {len(raised)} alarms, {doubts} doubts, of {len(examples)}")
    assert len(raised) <= 0.002 * len(examples), raised


@pytest.mark.parametrize("theme", THEMES)
def test_examples_of_a_crisis_theme_are_recognised_without_rasa(theme):
    examples = read_theme(ROOT / "data" / "themes" / "urgences" / f"{theme}.yml").examples
    recognised = [example for example in examples if (DETECTOR.detect(example) or Detection("", "")).theme == theme]
    assert len(recognised) >= 0.97 * len(examples), set(examples) - set(recognised)


# --- what wins, what cancels


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("j'ai avalé toute la boîte, je veux mourir", "urgence_medicale"),
        ("mon mari m'a frappée et je veux mourir", "urgence_suicide"),
        ("il m'a donné un coup de couteau, il me frappe", "urgence_medicale"),
        ("il va me tuer", "urgence_violences"),
        ("je vais me tuer", "urgence_suicide"),
        ("je vais avaler tous mes cachets", "urgence_suicide"),
    ],
)
def test_the_most_urgent_theme_answers(text, theme):
    assert DETECTOR.detect(text).theme == theme


@pytest.mark.parametrize(
    ("crisis", "calm"),
    [
        ("je veux mourir", "je ne veux pas mourir d'ennui"),
        ("je suis suicidaire", "je ne suis pas suicidaire mais je veux savoir si le psy est remboursé"),
        ("je veux en finir", "je veux en finir avec ce dossier"),
        ("je vais me tuer", "ça va me tuer ces délais"),
        ("mon mari me frappe", "mon mari ne me parle plus"),
        ("j'ai envie de mourir", "je n'ai pas envie de mourir idiot"),
        ("mon mari vient de faire un malaise", "j'ai fait un malaise au travail mardi, est-ce un accident du travail"),
    ],
)
def test_negations_and_figures_of_speech_stay_calm(crisis, calm):
    assert DETECTOR.detect(crisis)
    assert DETECTOR.detect(calm) is None


@pytest.mark.parametrize(
    "text",
    [
        "mon mari est décédé, je veux mourir",
        "je n'en peux plus, j'ai envie de mourir",
        "ma mutuelle ne paye pas et je vais me tuer",
        "j'attends mon remboursement mais là mon père ne respire plus",
        "je veux changer d'adresse sur ameli, mon mari me frappe",
        "je ne veux pas d'attestation, je veux mourir",
    ],
)
def test_an_administrative_question_never_hides_an_explicit_crisis(text):
    assert DETECTOR.detect(text)


def test_a_detection_says_which_rule_fired():
    detection = DETECTOR.detect("je vais me pendre")
    assert detection.theme == "urgence_suicide"
    assert detection.phrase in DATA.read_text(encoding="utf-8")
    with pytest.raises(AttributeError):
        detection.theme = "autre"


# --- the many ways people write


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


SPELLINGS = {
    "upper case": str.upper,
    "no accents": without_accents,
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "dots between words": lambda text: " ... ".join(text.split()),
    "exclamation marks": lambda text: f"!!! {text} !!!",
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "zero width characters": lambda text: "\u200b".join(text),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_case_accents_and_punctuation_change_nothing(spelling):
    assert [s for s in EVERYTHING if DETECTOR.detect(spelling(s)) != as_written(s)] == []


@pytest.mark.parametrize(
    ("spelling", "kept"),
    [
        (lambda text: text.replace("'", ""), 0.97),
        (lambda text: text.replace("é ", "er "), 0.98),
        (lambda text: text.replace("pp", "p").replace("ff", "f").replace("rr", "r").replace("ss", "s"), 0.97),
        (lambda text: f"Bonjour, excusez-moi de vous déranger. {text} Merci d'avance.", 0.98),
        (lambda text: text.replace("je ne ", "je ").replace("n'", ""), 0.97),
    ],
    ids=["no apostrophes", "-er for -é", "single letters", "politely", "no ne"],
)
def test_usual_mistakes_lose_almost_no_crisis(spelling, kept):
    known = [sentence for _, _, sentence in CRISES if as_written(sentence)]
    assert sum(bool(DETECTOR.detect(spelling(sentence))) for sentence in known) >= kept * len(known)


@pytest.mark.parametrize(
    "text",
    ["je veux mouriiiiir", "S.U.I.C.I.D.E", "s u i c i d e", "sui cide", "g plu envi de vivre", "je veux mourrir"],
)
def test_disguised_and_sms_spellings_are_read(text):
    assert DETECTOR.detect(text).theme == "urgence_suicide"


def test_figures_alone_are_no_crisis():
    """«question 39» was one, at 0.85: 39 is a fever in what is learned. It is a département too."""
    assert alarms([f"{word} {n}" for word in ("question", "dossier", "dans le") for n in range(130)]) == []


@pytest.mark.parametrize("text", ["je veux courir", "je veux me rendre à la cpam", "je veux nourrir mon bébé", "murir"])
def test_a_real_word_is_not_a_typing_slip(text):
    assert DETECTOR.detect(text) is None


# --- no text stops it


@given(st.text(max_size=400))
def test_no_text_makes_it_raise(text):
    result = DETECTOR.detect(text)
    assert result is None or isinstance(result, Detection)


@given(st.lists(st.sampled_from(sorted({w for s in EVERYTHING for w in s.split()})), max_size=60))
def test_the_same_words_always_give_the_same_answer(words):
    text = " ".join(words)
    assert DETECTOR.detect(text) == DETECTOR.detect(text.upper()) == DETECTOR.detect(without_accents(text))


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\ufdfa", "\u0301" * 50, "🆘", "ne", "a" * 10_000])
def test_odd_texts_are_calm(text):
    assert DETECTOR.detect(text) is None


HOSTILE = {
    "one letter": "a",
    "one word": "je ",
    "start of many rules": "je veux ",
    "almost a crisis": "mon mari me il je veux pas mourir de rire ",
    "crisis and exception": "mourir de rire je veux mourir de faim ",
    "combining marks": "a\u0301\u0327\u0301\u0327",
    "expanding character": "\ufdfa",
    "lone letters": "a b c d e ",
    "negations": "pas plus jamais ne pas ",
    "new lines": "\n\t",
    "nearly known words": "mouriq suicidq respirq ",
}


def seconds(text: str) -> float:
    """Processor seconds to read `text`, the best of three so that a busy machine does not count."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        DETECTOR.detect(text)
        spent.append(time.process_time() - start)
    return min(spent)


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_in_the_length_of_a_hostile_text(unit):
    short, long = (unit * (size // len(unit) + 1) for size in (20_000, 200_000))
    assert seconds(long[:200_000]) <= max(0.5, 25 * seconds(short[:20_000]))
    assert seconds(long[:200_000]) < 20


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=12))
def test_any_repeated_text_is_read_in_bounded_time(unit):
    assert seconds((unit * (200_000 // len(unit) + 1))[:200_000]) < 20


# --- the words, the language of the rules, the file


def test_words_that_sound_alike_are_one():
    assert {stem(fold(w)) for w in ("frapper", "frappé", "frappées", "frappez", "frape")} == {"frape"}
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


def test_the_file_gives_each_emergency_number_once():
    numbers = [entry["numero"] for entry in YAML(typ="safe").load(DATA.read_text(encoding="utf-8"))["numeros"]]
    assert len(numbers) == len(set(numbers))
    assert {"15", "112", "114", "17", "3114", "3919", "119"} <= set(numbers)


def test_public_names_are_sorted_and_there():
    assert guichet.safety.__all__ == sorted(guichet.safety.__all__)
    assert all(hasattr(guichet.safety, name) for name in guichet.safety.__all__)
