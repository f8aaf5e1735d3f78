"""A service outlives its log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOGS = """
import structlog
from guichet.logs import configure_logs
configure_logs()
for n in range(10_000):
    structlog.get_logger().info("event", n=n)
print("done")
"""


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", LOGS], stdout=subprocess.PIPE, stderr=full, text=True)
    assert done.stdout == "done\n"
