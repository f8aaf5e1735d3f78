"""Cases as staff read them, on both engines: only those of the caisses given."""

from __future__ import annotations

import pytest

from guichet.store import inbox
from tests.console.builders import open_case


class Plain:
    """A vault that seals nothing."""

    def seal(self, value: dict) -> str:
        return str(value)


@pytest.fixture
def cases(store):
    for reference, caisse in (("AAAA-2222", "cpam_49"), ("BBBB-3333", "cpam_53"), ("CCCC-4444", "par_defaut")):
        open_case(store, Plain(), reference=reference, caisse=caisse)
    return store


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (None, {"AAAA-2222", "BBBB-3333", "CCCC-4444"}),
        (frozenset({"cpam_49"}), {"AAAA-2222"}),
        (frozenset({"cpam_49", "par_defaut"}), {"AAAA-2222", "CCCC-4444"}),
        (frozenset({"cpam_01"}), set()),
        (frozenset(), set()),
    ],
)
def test_lists_counts_and_single_cases_agree(cases, scope, seen):
    found, total = inbox.cases(cases, scope)
    assert {row.case.reference for row in found} == seen
    assert total == len(seen)
    for reference in ("AAAA-2222", "BBBB-3333", "CCCC-4444"):
        assert (inbox.case(cases, scope, reference) is not None) == (reference in seen)


def test_pages_are_those_of_the_narrowed_list(cases):
    scope = frozenset({"cpam_49", "cpam_53"})
    pages = [inbox.cases(cases, scope, page=number, per_page=1) for number in (1, 2, 3)]
    assert [[row.case.reference for row in found] for found, _ in pages] == [["BBBB-3333"], ["AAAA-2222"], []]
    assert {total for _, total in pages} == {2}
