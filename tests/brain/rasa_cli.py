"""The plain `rasa` command on this project, as an engineer would type it."""

import os
import subprocess
import sys

LIMIT = 300  # seconds


def rasa(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": ".",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        },
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
