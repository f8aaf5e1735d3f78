"""The widget's rule for the numéro de sécurité sociale says the same as the service's, on the same messages."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from guichet.privacy import redact
from tests.guichet.privacy.messages import benign, personal

MODULE = Path(__file__).parents[3] / "channels" / "web" / "static" / "widget" / "nir.js"
SEED = 20_261_129
RUN = """
const { seesNir } = await import(process.argv[1]);
let read = "";
for await (const chunk of process.stdin) read += chunk;
console.log(JSON.stringify(JSON.parse(read).map(seesNir)));
"""


def seen(texts: list[str]) -> list[bool]:
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is not installed: install the system packages « nodejs npm », then run again")
    url = "data:text/javascript;base64," + base64.b64encode(MODULE.read_bytes()).decode()
    done = subprocess.run(
        [node, "--input-type=module", "-e", RUN, url],
        input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_both_rules_agree(capsys):
    texts = [message.text for message in personal(SEED)] + benign(SEED)
    here = ["nir" in redact(text).kinds for text in texts]
    there = seen(texts)
    same = sum(a == b for a, b in zip(here, there, strict=True)) / len(texts)
    known = [b for a, b in zip(here, there, strict=True) if a]
    alarms = [text for text, a, b in zip(texts, here, there, strict=True) if b and not a]
    with capsys.disabled():
        print(
            f"\nnir.js: agrees with the service on {same:.2%} of {len(texts)} messages,"
            f" sees {sum(known) / len(known):.2%} of its numbers, and {len(alarms)} where it sees none"
        )
    assert same >= 0.99
    assert sum(known) / len(known) >= 0.99


def test_an_obvious_number_is_seen_and_an_obvious_phone_is_not():
    numbers = ["1 85 05 49 588 157 80", "2 85 05 2A 588 157 12", "١ ٨٥ ٠٥ ٤٩ ٥٨٨ ١٥٧ ٨٠", "sécu 1 85 05 49 588 15"]
    assert seen(numbers) == [True] * len(numbers)
    assert seen(["06 12 34 56 78", "36 46", "15, 112, 114, 3114, 3919", "", "12/03/2024 au 30/03/2024"]) == [False] * 5


def test_a_long_message_is_read_in_time():
    assert seen(["1 85 05 " * 3000, "1" * 20_000, "sécu " * 5000]) is not None
