"""The rules of data/, told as stories and played by `rasa test core`: after this intent, that action."""

import json
import os
import subprocess
import sys


def test_every_story_goes_as_told(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "test", "core", "--stories", "tests/dialogues/rasa", "--no-plot",
         "--model", "models/guichet.tar.gz", "--out", str(tmp_path), "--fail-on-prediction-errors"],
        env={
            **os.environ,
            "PYTHONPATH": ".",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["total"] >= 4
    assert report["conversation_accuracy"]["accuracy"] == 1.0
