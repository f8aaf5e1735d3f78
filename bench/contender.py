"""The contenders: one file of bench/contenders each, a Rasa configuration whose first line says what it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

__all__ = ["BASELINE", "OURS", "Contender", "not_classified", "read_contenders", "read_yaml"]

OURS, BASELINE = "guichet", "diet"
OF_UNDERSTANDING = ("recipe", "assistant_id", "language", "pipeline")
READ_BY_OURS = ("brain/*.py", "data/*.yml")  # what our components are made from, config.yml apart


@dataclass(frozen=True)
class Contender:
    """`config`: what Rasa is given. `lean`: whether brain/lean.py is used. `made_from`: digest of our own code."""

    name: str
    about: str
    config: dict[str, Any]
    lean: bool = False
    made_from: str = ""

    def with_epochs(self, epochs: int) -> Contender:
        """The same, every component that counts epochs counting `epochs`."""
        pipeline = [
            {**component, "epochs": epochs} if "epochs" in component else component
            for component in self.config["pipeline"]
        ]
        return replace(self, config={**self.config, "pipeline": pipeline})


def read_contenders(root: Path, names: list[str] | None = None) -> list[Contender]:
    """Those of `names` (all when None), ours first, then the baseline. Raises SystemExit on a name without a file."""
    paths = {path.stem: path for path in (root / "bench" / "contenders").glob("*.yml")}
    unknown = sorted(set(names or ()) - set(paths))
    if unknown:
        raise SystemExit(f"no bench/contenders/{unknown[0]}.yml: write one, or choose among {', '.join(sorted(paths))}")
    wanted = sorted(names or paths, key=lambda name: (name != OURS, name != BASELINE, name))
    return [_read(paths[name], root) for name in wanted]


def _read(path: Path, root: Path) -> Contender:
    written = read_yaml(path)
    about = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
    if "config" not in written:
        return Contender(path.stem, about, written)
    whole = read_yaml(root / written["config"])
    config = {key: whole[key] for key in OF_UNDERSTANDING}  # importers and policies are no part of understanding
    digest = hashlib.sha256()
    for source in sorted(source for pattern in READ_BY_OURS for source in root.glob(pattern)):
        digest.update(source.read_bytes())
    return Contender(path.stem, about, config, bool(written.get("lean")), digest.hexdigest())


def not_classified(config: Path) -> list[str]:
    """Intents of config.yml whose examples exist for Rasa's validator only: nobody is to be trained on them."""
    return [name for component in read_yaml(config)["pipeline"] for name in component.get("not_classified") or ()]


def read_yaml(path: Path) -> Any:
    """The plain content of a YAML file."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
