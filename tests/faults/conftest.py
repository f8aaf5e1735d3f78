"""Faults injected into real processes. FAULTS=long (`make faults`) plays the long form, FAULTS_FROM the same chance."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.rig import Rig

LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture(scope="session")
def many():
    """`many(100, 5)`: how often, in the long and in the quick form."""
    return lambda long, quick: long if LONG else quick


@pytest.fixture
def tell(capsys):
    """Prints a figure of the run, whatever pytest captures."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    return say


@pytest.fixture
def chance(tell):
    """A random source; its seed is printed, and FAULTS_FROM=SEED plays it again."""
    seed = int(os.environ.get("FAULTS_FROM") or random.SystemRandom().randrange(10**6))
    tell(f"FAULTS_FROM={seed}")
    return random.Random(seed)


@pytest.fixture
def rig(tmp_path):
    """Makes a service; stops whatever was started at the end."""
    made: list[Rig] = []

    def make(*names: str, database: str = "", **settings: str) -> Rig:
        made.append(Rig(tmp_path, database, **settings))
        return made[-1].start(*names)

    yield make
    for service in made:
        service.stop()
