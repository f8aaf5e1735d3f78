"""The rules of data/, told as stories and played by `rasa test core`: after this intent, that action."""

import json

from tests.brain.rasa_cli import rasa


def test_every_story_goes_as_told(tmp_path):
    done = rasa(
        "test", "core", "--stories", "tests/dialogues/rasa", "--no-plot", "--model", "models/guichet.tar.gz",
        "--out", str(tmp_path), "--fail-on-prediction-errors",
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["total"] >= 4
    assert report["conversation_accuracy"]["accuracy"] == 1.0
