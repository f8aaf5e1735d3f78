"""Each measure against a case computed by hand."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.evaluate.measures import (
    Bin,
    Point,
    Rate,
    Score,
    aurc,
    auroc,
    coverage_at,
    ece,
    macro_f1,
    reliability,
    risk_coverage,
    scores,
)

CONFIDENCES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]) | st.floats(0, 1)
ROWS = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=60)


def test_an_interval_is_wilsons():
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert Rate(10, 10).interval[1] == 1.0
    assert Rate(0, 10).interval[0] == 0.0


def test_scores_of_themes():
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "z"), ("c", "a")]
    found = scores(pairs)
    assert found == {"a": Score(3, 2 / 3, 2 / 3), "b": Score(2, 1 / 2, 1 / 2), "c": Score(1, 0.0, 0.0)}
    assert [round(one.f1, 3) for one in found.values()] == [0.667, 0.5, 0.0]
    assert macro_f1(found) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert macro_f1({}) is None


def test_bins_are_of_equal_mass():
    rows = [(0.9, True), (0.1, False), (0.2, True), (0.8, True), (0.7, False), (0.3, False)]
    found = reliability(rows, bins=3)
    assert [one.total for one in found] == [2, 2, 2]
    assert [one.confidence for one in found] == pytest.approx([0.15, 0.5, 0.85])
    assert [one.accuracy for one in found] == [0.5, 0.0, 1.0]


def test_the_calibration_error_is_the_weighted_gap():
    assert ece([Bin(2, 0.15, 0.5), Bin(2, 0.5, 0.0), Bin(2, 0.85, 1.0)]) == pytest.approx((0.35 + 0.5 + 0.15) / 3)
    assert ece([Bin(1, 0.0, 1.0), Bin(3, 1.0, 1.0)]) == 0.25
    assert ece([]) is None


def test_rows_of_the_same_confidence_share_a_bin():
    rows = [(1.0, True)] * 7 + [(1.0, False)] + [(0.2, False)] * 2
    assert reliability(rows) == [Bin(2, pytest.approx(0.2), 0.0), Bin(8, 1.0, 0.875)]
    assert reliability([]) == []


def test_the_risk_coverage_curve_answers_the_surest_first():
    rows = [(0.6, False), (0.9, True), (0.7, True), (0.8, False)]
    curve = risk_coverage(rows)
    assert curve == [Point(0.9, 0.25, 0.0), Point(0.8, 0.5, 0.5), Point(0.7, 0.75, 1 / 3), Point(0.6, 1.0, 0.5)]
    assert aurc(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert [coverage_at(curve, risk) for risk in (0.02, 0.34, 0.5)] == [0.25, 0.75, 1.0]


def test_rows_of_the_same_confidence_are_answered_together():
    curve = risk_coverage([(0.5, True), (0.5, False), (0.4, True), (0.4, True)])
    assert curve == [Point(0.5, 0.5, 0.5), Point(0.4, 1.0, 0.25)]
    assert aurc(curve) == pytest.approx((0.5 + 0.5 + 0.25 + 0.25) / 4)
    assert coverage_at(curve, 0.02) == 0.0


def test_nothing_to_answer_has_no_curve():
    assert risk_coverage([]) == []
    assert aurc([]) is None


def test_the_area_under_the_roc_curve_counts_a_tie_one_half():
    # pairs won: 0.9 beats all three; 0.5 beats 0.1 and ties with 0.5; 0.2 beats 0.1
    assert auroc([0.9, 0.5, 0.2], [0.1, 0.5, 0.6]) == pytest.approx((3 + 1.5 + 1) / 9)
    assert auroc([1.0], [0.0]) == 1.0
    assert auroc([0.3, 0.3], [0.3]) == 0.5
    assert auroc([], [0.3]) is None
    assert auroc([0.3], []) is None


@given(st.lists(CONFIDENCES, min_size=1, max_size=30), st.lists(CONFIDENCES, min_size=1, max_size=30))
def test_the_area_is_the_share_of_pairs_won(outside, inside):
    won = sum((a > b) + (a == b) / 2 for a in outside for b in inside)
    assert auroc(outside, inside) == pytest.approx(won / (len(outside) * len(inside)))
    assert auroc(inside, outside) == pytest.approx(1 - auroc(outside, inside))


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows, shuffler: random.Random):
    other = list(rows)
    shuffler.shuffle(other)
    assert reliability(rows) == reliability(other)
    assert risk_coverage(rows) == risk_coverage(other)


@given(ROWS)
def test_bins_and_curve_hold_every_row(rows):
    bins, curve = reliability(rows), risk_coverage(rows)
    assert sum(one.total for one in bins) == len(rows)
    assert len(bins) <= 15
    assert not rows or curve[-1].coverage == 1.0
    assert not rows or 0 <= ece(bins) <= 1
