"""What a check found, in words an author can act on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ERROR", "LEVELS", "PLACEHOLDER", "WARNING", "Finding"]

ERROR, WARNING = "error", "warning"
PLACEHOLDER = "À COMPLÉTER"  # what `guichet new theme` leaves for the author to fill
LEVELS = {ERROR: "erreur", WARNING: "avertissement"}


@dataclass(frozen=True, order=True)
class Finding:
    """One defect. An error breaks something for the people who read; a warning lowers quality.

    `path` is relative to the project, `line` starts at 1, `rule` is a constant name of the kind of defect; the three
    texts are French sentences: what is wrong, what follows from it, how to mend it.
    """

    path: Path
    line: int
    level: str
    rule: str
    what: str
    consequence: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.path.as_posix()}:{self.line} — {LEVELS[self.level]} : {self.what} "
            f"Conséquence : {self.consequence} Pour corriger : {self.remedy}"
        )
