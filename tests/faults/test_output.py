"""`guichet run` whose output has no reader any more (`make run | head`, a terminal that closed): everything ends."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.rig import ROOT, START_LIMIT, until
from tests.live import free_port


def ours(folder: Path) -> list[int]:
    """The processes whose files are in `folder`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"GUICHET_VAR_DIR={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("last_line_read", [" started", "Prêt."])
def test_the_whole_service_ends_when_nobody_reads_what_it_says(tmp_path, last_line_read):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GUICHET_", "DATABASE_"))}
    ports = {f"GUICHET_{name}_PORT": str(free_port()) for name in ("WEB", "CONSOLE", "ACTIONS", "BRAIN")}
    process = subprocess.Popen(
        [str(ROOT / "bin/guichet"), "run"],
        cwd=ROOT,
        env=inherited | ports | {"GUICHET_VAR_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        assert next(line for line in process.stdout if last_line_read in line)
        process.stdout.close()
        assert process.wait(START_LIMIT) != 0
        until(lambda: not ours(tmp_path), 60, "no process is left")
    finally:  # a test that fails leaves nothing running
        for pid in ours(tmp_path):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
