"""A disk small enough to be filled."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of three megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "guichet", folder], capture_output=True, text=True
    )
    assert mounted.returncode == 0, f"this test mounts a small file system, which needs root: {mounted.stderr}"
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
