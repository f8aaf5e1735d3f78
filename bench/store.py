"""What each finished step measured, kept in var/bench/, so that an interrupted run resumes where it stood."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Store"]


class Store:
    """One JSON file a step. With `resume`, a step made from the same things is read instead of done again."""

    def __init__(self, folder: Path, resume: bool, tell: Callable[[str], None]) -> None:
        self.folder, self.tell, self._resume = folder, tell, resume
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a file of that name stands; the folders of the name are made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def step(self, name: str, made_from: Any, make: Callable[[], Any], leaves: Path | None = None) -> Any:
        """What `make` returns (plain JSON). `made_from`: all it depends on; `leaves`: a file that must be there too."""
        path = self.path(f"{name}.json")
        stamp = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        if self._resume and path.exists() and (leaves is None or leaves.exists()):
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["made_from"] == stamp:
                self.tell(f"{name}: kept from an earlier run")
                return kept["found"]
        self.tell(f"{name} …")
        started = time.monotonic()
        found = make()
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"made_from": stamp, "found": found}), encoding="utf-8")
        os.replace(fresh, path)
        self.tell(f"{name}: done in {time.monotonic() - started:.0f} s")
        return found
