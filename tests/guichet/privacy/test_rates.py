"""How much is masked whole, how much is masked for nothing: made and written messages, the project's texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from guichet.privacy import redact
from guichet.privacy.redaction import find
from tests.guichet.privacy.measure import Rates, is_masked, measure
from tests.guichet.privacy.messages import Secret, benign, personal

ROOT = Path(__file__).parents[3]
WRITTEN = Path(__file__).parent / "personnelles.yml"  # by a writer who had not read the rules
# By a second one, asked for the oddest ways to give a birth date: 64 % of them were masked at first sight, 66 % of the
# addresses. All were then looked at and the rules widened: these floors only keep what was won.
ODDEST = Path(__file__).parent / "naissances.yml"
ODDEST_FLOORS = {"birth dates": 0.94, "names and addresses": 0.84}
SEED = 20_261_128
FLOORS = {"checksum": 0.998, "malformed or odd NIR": 0.985, "birth dates": 0.98, "names and addresses": 0.95}
# A little under what was measured. Three quarters of what it missed was looked at, once, and the rules were widened.
WRITTEN_FLOORS = {
    "checksum": 0.98,
    "malformed or odd NIR": 0.95,
    "birth dates": 0.9,
    "names and addresses": 0.9,
    "all": 0.95,
}
OVER_MASKED = 0.008


def report(capsys: pytest.CaptureFixture, line: str) -> None:
    with capsys.disabled():
        print(f"\n{line}")


def written(path: Path) -> Rates:
    rates = Rates()
    for message in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
        for text, kind in zip(message["secrets"], message["sortes"], strict=True):
            rates.add(message["texte"], Secret(text, kind), masked=is_masked(message["texte"], text))
    return rates


def test_two_thousand_made_messages(capsys):
    messages = personal(SEED)
    assert len(messages) == 2000
    rates = measure(messages)
    report(capsys, f"made messages: {rates}")
    for name, rate in rates.groups().items():
        assert rate >= FLOORS[name], (name, rates.missed[:5])


def test_three_hundred_messages_by_a_writer_who_had_not_read_the_rules(capsys):
    rates = written(WRITTEN)
    assert rates.total.total() > 300
    report(capsys, f"written messages: {rates}")
    for name, rate in rates.groups().items():
        assert rate >= WRITTEN_FLOORS[name], name
    assert rates.of(rates.total) >= WRITTEN_FLOORS["all"]


def test_the_oddest_ways_to_give_a_birth_date(capsys):
    rates = written(ODDEST)
    assert rates.total["naissance"] >= 130
    report(capsys, f"odd birth dates: {rates}")
    for name, floor in ODDEST_FLOORS.items():
        assert rates.groups()[name] >= floor, name


def test_a_thousand_messages_full_of_harmless_numbers(capsys):
    texts = benign(SEED)
    assert len(texts) == 1000
    touched = [text for text in texts if find(text)]
    report(capsys, f"harmless messages: {len(touched) / len(texts):.2%} of {len(texts)} masked for nothing")
    assert len(touched) / len(texts) <= OVER_MASKED, touched[:5]


def words_of(node: object) -> list[str]:
    """Every text in a YAML document; a block of examples gives one text a line."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in words_of(value)]
    if isinstance(node, list):
        return [text for value in node for text in words_of(value)]
    if isinstance(node, str):
        lines = node.splitlines()
        return [line.removeprefix("- ") for line in lines] if all(line.startswith("- ") for line in lines) else [node]
    return []


def test_every_example_and_every_answer_is_left_as_it_is(capsys):
    """Byte for byte; an example that holds what is masked here is a mistake of its author."""
    texts = [
        text
        for folder in ("themes", "dialogue")
        for path in sorted((ROOT / "data" / folder).rglob("*.yml"))
        for text in words_of(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    ]
    changed = [text for text in texts if redact(text).text != text]
    report(capsys, f"examples and answers of data/: {len(changed)} changed of {len(texts)}")
    assert len(texts) > 10_000
    assert changed == []


@pytest.mark.parametrize("name", ["organismes", "caisses", "teleservices", "montants", "catalogue", "precisions"])
def test_the_registries_are_left_as_they_are(name):
    document = YAML(typ="safe").load((ROOT / "data" / f"{name}.yml").read_text(encoding="utf-8"))
    assert [text for text in words_of(document) if find(text)] == []


def test_the_same_seed_makes_the_same_messages():
    assert personal(SEED, 50) == personal(SEED, 50)
    assert benign(SEED, 50) == benign(SEED, 50)
