"""Random conversations keep every promise of DESIGN §5: a few here, a thousand with `make walk`."""

import asyncio
import os

import pytest

from tests.dialogues.walk import Found, walk

CONVERSATIONS = int(os.environ.get("WALK", "40"))
FIRST = int(os.environ.get("WALK_FROM", "0"))  # the seed of the first one, to play others
EVERY = 50  # conversations between two words of progress


@pytest.mark.timeout(60 + 3 * CONVERSATIONS)
def test_random_conversations(service, capsys):
    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    def tell(found: Found) -> None:
        if found.conversations % EVERY == 0:
            say(f"{found.conversations} conversations, {found.turns} turns, {len(found.wrong)} broken promises")

    found = asyncio.run(walk(service.web, CONVERSATIONS, FIRST, tell))
    say(f"{found.conversations} random conversations, {found.turns} turns, {len(found.wrong)} broken promises; "
        f"{found.offers} offers of a counsellor; {dict(found.kinds)}")  # fmt: skip
    assert found.conversations == CONVERSATIONS
    assert not found.wrong, "\n".join(found.wrong[:20])
