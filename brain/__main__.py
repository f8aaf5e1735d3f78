"""Starts the Rasa server on loopback: `python -m brain` in the brain's environment.

The endpoints are written from the environment, so that one set of variables serves all processes: DATABASE_URL,
GUICHET_VAR_DIR, GUICHET_ACTIONS_PORT, GUICHET_BRAIN_PORT, GUICHET_REDIS_URL. Without any, they are endpoints.yml's.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit

from brain.lean import lighten_rasa

ROOT = Path(__file__).resolve().parent.parent


def endpoints(env: dict) -> dict:
    """The endpoints of the Rasa server for an environment (see endpoints.yml for what each is)."""
    var = Path(env.get("GUICHET_VAR_DIR") or ROOT / "var")
    address = urlsplit(env.get("DATABASE_URL", ""))
    if address.scheme.startswith("postgres"):
        store = {
            "type": "SQL",
            "dialect": "postgresql",
            "url": address.hostname or "127.0.0.1",
            "port": address.port or 5432,
            "db": address.path.lstrip("/"),
            "username": address.username,
            "password": address.password or "",
        }
    else:
        store = {"type": "SQL", "dialect": "sqlite", "db": str(var / "rasa.db")}
    wanted = {
        "action_endpoint": {"url": f"http://127.0.0.1:{env.get('GUICHET_ACTIONS_PORT') or 5055}/webhook"},
        "tracker_store": store,
    }
    if env.get("GUICHET_REDIS_URL"):
        redis = urlsplit(env["GUICHET_REDIS_URL"])
        wanted["lock_store"] = {
            "type": "redis",
            "url": redis.hostname,
            "port": redis.port or 6379,
            "db": int(redis.path.lstrip("/") or 0),
            "password": redis.password,
        }
    return wanted


def main() -> None:
    env = os.environ
    var = Path(env.get("GUICHET_VAR_DIR") or ROOT / "var")
    var.mkdir(parents=True, exist_ok=True)
    written = var / "endpoints.yml"
    written.touch(mode=0o600)  # it may hold a database password
    written.write_text(json.dumps(endpoints(env), indent=1), encoding="utf-8")  # JSON is YAML
    os.chdir(ROOT)
    model = Path(env.get("GUICHET_MODEL") or "models/guichet.tar.gz")
    _wait_for(model)
    sys.argv = [
        "rasa", "run",
        "--endpoints", str(written),
        "--credentials", "credentials.yml",
        "--model", str(model),
        "--interface", "127.0.0.1",
        "--port", str(env.get("GUICHET_BRAIN_PORT") or 5005),
    ]  # fmt: skip
    # Rasa's frozen packages announce their own deprecations at every start, and set filters of their own on the way.
    warnings.showwarning = lambda *args, **kwargs: None
    lighten_rasa()
    from rasa.__main__ import main as rasa_main

    rasa_main()


def _wait_for(model: Path) -> None:
    """Rasa itself would silently take any other model it finds; without one it could only answer with errors."""
    if not model.exists():
        told = f"Le modèle {model} n'existe pas. Lancez « bin/guichet train » : je l'attends.\n"
        sys.stderr.write(told)
    while not model.exists():
        time.sleep(2)


if __name__ == "__main__":
    for name, value in (
        ("OMP_NUM_THREADS", "1"),  # otherwise one message burns every core
        ("OPENBLAS_NUM_THREADS", "1"),
        ("RASA_TELEMETRY_ENABLED", "false"),
        ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"),
        ("TF_CPP_MIN_LOG_LEVEL", "3"),
        ("SANIC_WORKERS", "1"),
    ):
        os.environ.setdefault(name, value)
    main()
