"""`rasa data validate` has nothing to say but that precisions are used by no rule (an action says them)."""

import re

from tests.brain.rasa_cli import rasa


def test_the_project_validates_without_warning():
    done = rasa("data", "validate")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    warned = re.findall(r"(?:UserWarning|FutureWarning|WARNING)[:\s].*", said)
    ours = [line for line in warned if "pkg_resources" not in line and "site-packages" not in line]
    unexpected = [
        line for line in ours if not re.search(r"The utterance 'utter_\w+__\w+' is not used in any story or rule", line)
    ]
    assert unexpected == []
