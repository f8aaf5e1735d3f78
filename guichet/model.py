"""The trained model: when it is out of date, and training it in the brain's environment."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from guichet.safety import load as load_detector
from guichet.safety.likeness import LikenessUnreadable, read_likeness, write_likeness
from guichet.settings import ROOT

__all__ = [
    "LIKENESS",
    "MODEL",
    "PREVIOUS",
    "TrainingFailed",
    "brain_environment",
    "is_current",
    "learn_likeness",
    "likeness_is_current",
    "run_in_brain",
    "train",
]

MODEL = ROOT / "models" / "guichet.tar.gz"
PREVIOUS = ROOT / "models" / "precedent.tar.gz"  # the model before the last change of content, for `guichet diff`
LEAVING = ROOT / "models" / "sortant.tmp"  # becomes PREVIOUS once its successor is trained
LIKENESS = ROOT / "models" / "vigilance.json.gz"  # what crisis messages look like, for guichet/safety
VECTORS = ROOT / "models" / "vecteurs.pickle.gz"  # of the examples, for the next training
FINGERPRINT = ROOT / "models" / "guichet.sha256"
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
TIME_LIMIT = 30 * 60  # seconds
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # phrase by phrase, more threads only wait


class TrainingFailed(RuntimeError):
    """Rasa could not train; the text says where its log is (in French)."""


def fingerprint(root: Path = ROOT) -> str:
    """One hash of all that the model is made from: content, configuration, the brain's code and its packages."""
    sources = [
        *sorted((root / "data" / "themes").rglob("*.yml")),
        *sorted((root / "data" / "dialogue").rglob("*.yml")),
        *(
            root / "data" / f"{name}.yml"
            for name in ("beneficiaires", "caisses", "lexique", "organismes", "precisions")
        ),
        root / "config.yml",
        root / "domain.yml",
        *sorted((root / "brain").glob("*.py")),
        root / "requirements" / "brain.lock",
    ]
    return _hash(root, sources)


def _hash(root: Path, sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def likeness_fingerprint(root: Path = ROOT) -> str:
    """One hash of all that the likeness of crisis messages is learned from."""
    return _hash(
        root,
        [
            *sorted((root / "data" / "themes").rglob("*.yml")),
            *sorted((root / "data" / "dialogue").rglob("*.yml")),
            root / "data" / "urgences.yml",
            *sorted((root / "data" / "urgences_exemples").rglob("*.yml")),
            *sorted((root / "guichet" / "safety").glob("*.py")),
        ],
    )


def likeness_is_current() -> bool:
    try:
        return read_likeness(LIKENESS)[1] == likeness_fingerprint()
    except LikenessUnreadable:
        return False


def learn_likeness(data: Path) -> None:
    """Learn what crisis messages look like (some twenty seconds). Raises PatternError and ContentError."""
    from guichet.safety.learn import learn, learning_examples  # scikit-learn, for training only

    wanted = likeness_fingerprint()
    matter = load_detector(data / "urgences.yml").matter
    write_likeness(LIKENESS, learn(learning_examples(data), matter), wanted)


def is_current() -> bool:
    """Whether the model was trained from the content as it stands."""
    return MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text().strip() == fingerprint()


def train(log: Path, tell: Callable[[str], None] = lambda line: None) -> None:
    """Train the model; Rasa's output goes to `log`, each of its lines to `tell`. Raises TrainingFailed."""
    wanted = fingerprint()
    log.parent.mkdir(parents=True, exist_ok=True)
    changed = MODEL.exists() and not is_current()
    if changed:
        shutil.copy2(MODEL, LEAVING)
    command = [str(PYTHON), "-m", "brain.train", "--skip-validation", "--fixed-model-name"]
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*command, MODEL.name.removesuffix(".tar.gz"), "--out", str(MODEL.parent)],
            cwd=ROOT,
            env=brain_environment() | {"GUICHET_VECTORS": str(VECTORS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            out.write(line)
            tell(line)
        code = process.wait(timeout=TIME_LIMIT)
    if code != 0:
        raise TrainingFailed(f"L'entraînement a échoué. Lisez la fin de {log}, corrigez le contenu, puis relancez.")
    FINGERPRINT.write_text(wanted)
    if changed:
        LEAVING.replace(PREVIOUS)


def run_in_brain(module: str, argument: Path, given: str, limit: float) -> str:
    """What `python -m module argument` prints in the brain's interpreter, given a text, within `limit` seconds.

    Raises FileNotFoundError without the environment, CalledProcessError and TimeoutExpired (subprocess).
    """
    done = subprocess.run(
        [str(PYTHON), "-m", module, str(argument)],
        cwd=ROOT,
        env=brain_environment() | ONE_THREAD,
        input=given,
        capture_output=True,
        text=True,
        timeout=limit,
        check=True,
    )
    return done.stdout


def brain_environment() -> dict[str, str]:
    """The environment of a command run in the brain's interpreter."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
    }
