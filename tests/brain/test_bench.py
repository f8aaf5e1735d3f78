"""The benchmark's own arithmetic, and a report that says where we lose."""

import json
from itertools import product

import numpy as np
import pytest

from bench.contender import BASELINE, OURS, Contender, read_contenders
from bench.dataset import DataSet, Row, held_out, limited, public_set, side
from bench.measures import auroc, auroc_difference, clearly_different, percentile, wilson
from bench.process import ROOT
from bench.report import Run, report
from bench.result import Result, rights, sides
from bench.store import Store


def a_set(**more):
    training = [(f"{intent} {n}", intent) for intent in "abcdefgh" for n in range(4)]
    rows = [Row(f"une question sur {intent}", frozenset(intent)) for intent in "abcdefgh"]
    return DataSet("essai", training, {"clean": rows, "noisy": []}, **more)


def test_an_auroc_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(0)
    outside, inside = rng.integers(0, 5, 30).tolist(), rng.integers(0, 4, 40).tolist()
    pairs = [(a > b) + 0.5 * (a == b) for a, b in product(outside, inside)]
    assert auroc((outside, inside)) == pytest.approx(np.mean(pairs))
    assert auroc(([], inside)) is None


def test_the_interval_of_a_difference_covers_what_drawing_again_shows():
    rng = np.random.default_rng(1)

    def draw():
        skill = rng.normal(size=200)
        out, inside = skill[:100] + 0.8, skill[100:]
        noise = [rng.normal(scale=s, size=200) for s in (0.3, 1.5)]
        return [(list(out + n[:100]), list(inside + n[100:])) for n in noise]

    differences = [auroc(one) - auroc(other) for one, other in (draw() for _ in range(300))]
    difference, half = auroc_difference(*draw())
    assert abs(difference - np.mean(differences)) < 2 * half
    assert half == pytest.approx(1.96 * np.std(differences), rel=0.35)


def test_two_contenders_differ_clearly_only_when_the_rows_say_so():
    assert clearly_different([True] * 20, [True] * 10 + [False] * 10)
    assert not clearly_different([True, False] * 10, [False, True] * 10)


def test_shares_and_percentiles():
    share, low, high = wilson([True] * 9 + [False])
    assert (share, round(low, 3), round(high, 3)) == (0.9, 0.596, 0.982)  # Wilson's interval for 9 of 10
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile([5, 1, 4, 2, 3], 0.99) == 5


def test_a_quarter_of_the_intents_is_held_out_the_same_each_time_and_never_the_refusal():
    for refusal in "abcdefgh":
        held = held_out(a_set(refusal=refusal))
        assert held == held_out(a_set(refusal=refusal))
        assert len(held) == 1
        assert refusal not in held
    assert len(held_out(a_set())) == 2


def test_a_row_with_answers_on_both_sides_counts_on_neither():
    held = frozenset("ab")
    assert side(Row("", frozenset("a")), held, "z") == "outside"
    assert side(Row("", frozenset("cd")), held, "z") == "inside"
    assert side(Row("", frozenset("ac")), held, "z") is None
    assert side(Row("", frozenset("z")), held, "z") is None


def test_a_public_set_is_three_files_of_lines(tmp_path):
    for part, intent in (("train", "a/b"), ("test", "a/b"), ("test-noisy", "c")):
        line = json.dumps({"text": "été\u2028x", "intent": intent}, ensure_ascii=False)
        (tmp_path / f"mini-{part}.jsonl").write_text(f"{line}\n", encoding="utf-8")
    found = public_set(tmp_path / "mini")
    assert (found.name, found.training) == ("mini", [("été\u2028x", "a_b")])
    assert [len(found.tests[kind]) for kind in ("clean", "noisy")] == [1, 1]


def test_a_try_keeps_examples_of_every_intent():
    assert {intent for _, intent in limited(a_set(), 8).training} == set("abcdefgh")


def test_the_out_of_domain_score_is_the_contenders_own_number_or_its_doubt():
    dataset, held = a_set(), frozenset("ab")
    told = [{"ranking": [("a", 0.6), ("b", 0.3)], "out_of_domain": None} for _ in dataset.rows]
    assert sides(dataset, told, held)["clean"] == ([0.4] * 2, [0.4] * 6)
    assert rights(dataset, told)["clean"] == [True] + [False] * 7
    own = [{**one, "out_of_domain": 0.9} for one in told]
    assert sides(dataset, own, held)["clean"] == ([0.9] * 2, [0.9] * 6)


def test_an_interrupted_run_resumes_unless_what_a_step_is_made_from_changed(tmp_path):
    done = []

    def step(made_from, resume=True):
        store = Store(tmp_path, resume, lambda line: None)
        return store.step("pas", made_from, lambda: done.append(1) or len(done))

    assert [step("x"), step("x"), step("y"), step("y", resume=False)] == [1, 1, 2, 3]


def test_the_report_says_where_we_lose():
    ours = Result({"clean": [True] * 40, "noisy": []}, {}, {"p50": 0.020, "cpu": 10.0})
    theirs = Result({"clean": [True] * 20 + [False] * 20, "noisy": []}, {}, {"p50": 0.010, "cpu": 900.0})
    contenders = [Contender(OURS, "la nôtre", {}), Contender(BASELINE, "la leur", {})]
    written = report(Run(contenders, [a_set()], {"essai": {OURS: ours, BASELINE: theirs}}))
    assert "it wins on accuracy, clean (essai +50.0 points)" in written
    assert "it loses on parse p50 (essai ×2)" in written
    assert "| parse p50: no slower | essai | ×2.00 | **missed** |" in written
    assert "| training: at least 40 times less CPU, imports included | essai | 90.0 times less | met |" in written


def test_a_contender_that_failed_is_told_and_not_left_out():
    failed = Result(failed="train was killed: past its 3 minutes, or short of memory")
    contenders = [Contender(OURS, "la nôtre", {}), Contender(BASELINE, "la leur", {})]
    run = Run(contenders, [a_set()], {"essai": {OURS: Result({"clean": [True]}), BASELINE: failed}})
    assert "`diet`: train was killed: past its 3 minutes" in report(run)


def test_the_contenders_of_the_repository_can_be_read_ours_first_with_the_pipeline_that_runs():
    found = read_contenders(ROOT)
    assert [one.name for one in found][:2] == [OURS, BASELINE]
    assert "brain.classifier.ThemeClassifier" in [part["name"] for part in found[0].config["pipeline"]]
    assert all(not one.lean for one in found[1:])
    with pytest.raises(SystemExit, match=r"no bench/contenders/rien\.yml"):
        read_contenders(ROOT, ["rien"])
