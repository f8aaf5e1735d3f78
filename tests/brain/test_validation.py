"""`rasa data validate` has nothing to say but that precisions are used by no rule (an action says them)."""

import os
import re
import subprocess
import sys


def test_the_project_validates_without_warning():
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "data", "validate"],
        env={
            **os.environ,
            "PYTHONPATH": ".",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    warned = re.findall(r"(?:UserWarning|FutureWarning|WARNING)[:\s].*", said)
    ours = [line for line in warned if "pkg_resources" not in line and "site-packages" not in line]
    unexpected = [
        line for line in ours if not re.search(r"The utterance 'utter_\w+__\w+' is not used in any story or rule", line)
    ]
    assert unexpected == []
