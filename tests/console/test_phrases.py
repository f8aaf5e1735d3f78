"""Ages, dates and durations in French."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console import phrases
from tests.console.builders import NOON


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-5), "à l’instant"),
        (timedelta(seconds=59), "à l’instant"),
        (timedelta(minutes=1), "il y a 1 minute"),
        (timedelta(minutes=59, seconds=59), "il y a 59 minutes"),
        (timedelta(hours=1), "il y a 1 heure"),
        (timedelta(hours=47), "il y a 1 jour"),
        (timedelta(days=2), "il y a 2 jours"),
        (timedelta(days=13), "il y a 1 semaine"),
        (timedelta(days=65), "il y a 2 mois"),
        (timedelta(days=400), "il y a 1 an"),
        (timedelta(days=800), "il y a 2 ans"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(past, said):
    assert phrases.age(NOON, NOON + past).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 seconde"), (45, "45 secondes"), (60, "1 minute"), (61, "2 minutes")]
)
def test_a_wait_is_never_said_shorter_than_it_is(seconds, said):
    assert phrases.wait_time(seconds).replace("\u00a0", " ") == said


def test_dates_are_those_of_france():
    midnight = datetime(2026, 4, 30, 22, 5, tzinfo=UTC)
    assert phrases.day(midnight).replace("\u00a0", " ") == "1er mai 2026"
    assert phrases.minute(midnight).replace("\u00a0", " ") == "0 h 05"
