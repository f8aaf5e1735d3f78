"""One job of the benchmark in a fresh process: `python -m bench.worker [--lean] JOB ARGUMENT ...`, from the root.

Rasa is imported inside the jobs and set up as its command line does it, so that a job costs what a real one costs.
`--lean` leaves TensorFlow and chat services out, as our own training and serving processes do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["READY", "WARM_UP"]

READY = "first message parsed"  # the line that ends a cold load
WARM_UP = 20  # messages parsed before the timed ones


def examples(root: str, written: str) -> None:
    """The (text, intent) pairs of data/, as the importer of config.yml gives them."""
    from brain.importer import ThemeImporter

    home = Path(root)
    importer = ThemeImporter(str(home / "config.yml"), str(home / "domain.yml"), [str(home / "data")])
    found = [(one.get("text"), one.get("intent")) for one in importer.get_nlu_data().intent_examples]
    Path(written).write_text(json.dumps([pair for pair in found if pair[0]]), encoding="utf-8")


def train(config: str, data: str, model: str, written: str) -> None:
    """Train the understanding part of a model, from nothing; tells the CPU seconds spent once Rasa is imported."""
    import rasa.engine.recipes.default_components  # noqa: F401  (every component of Rasa's)
    from rasa.model_training import train_nlu

    archive, started = Path(model), time.process_time()
    if not train_nlu(config, data, str(archive.parent), fixed_model_name=archive.name):
        raise SystemExit("Rasa trained nothing")
    Path(written).write_text(json.dumps(time.process_time() - started), encoding="utf-8")


def predict(model: str, texts: str, written: str) -> None:
    """What a model says of each text: its ranking before FallbackClassifier, and its out-of-domain number if any."""

    async def all_of(parse: Callable, said: list[str]) -> list[dict[str, Any]]:
        return [_told(await parse(text)) for text in said]

    told = asyncio.run(all_of(_load(model), json.loads(Path(texts).read_text(encoding="utf-8"))))
    Path(written).write_text(json.dumps(told), encoding="utf-8")


def serve(model: str, texts: str) -> None:
    """Parse one message after the other; tells when the first is parsed, then each duration (s) and the peak memory."""

    async def timed(parse: Callable, said: list[str]) -> list[float]:
        durations = []
        for text in said:
            started = time.perf_counter()
            await parse(text)
            durations.append(time.perf_counter() - started)
        return durations

    async def session() -> None:
        said = json.loads(Path(texts).read_text(encoding="utf-8"))
        parse = _load(model)
        await parse(said[0])
        print(READY, flush=True)
        await timed(parse, said[:WARM_UP])
        durations = await timed(parse, said)
        print(json.dumps({"durations": durations, "memory": _peak_memory()}), flush=True)

    asyncio.run(session())


def _load(model: str) -> Callable:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    if "brain.lean" in sys.modules:
        sys.modules["brain.lean"].settle()  # as our server does
    return agent.parse_message


def _told(parsed: dict[str, Any]) -> dict[str, Any]:
    ranking = [(row["name"], row["confidence"]) for row in parsed.get("intent_ranking") or [parsed["intent"]]]
    return {
        "ranking": [row for row in ranking if row[0] not in ("nlu_fallback", None)],
        "out_of_domain": parsed.get("out_of_domain"),
    }


def _peak_memory() -> int:
    """Bytes. Linux's own count for this program; getrusage would count the parent's too, from before exec."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) * 1024


def _set_up(lean: bool) -> None:
    if lean:
        from brain.lean import lighten_rasa
        from brain.processor import use_whole_processor

        lighten_rasa()
        use_whole_processor()
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog
    from rasa.utils.tensorflow.environment import setup_tf_environment

    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    setup_tf_environment()


def main() -> None:
    jobs = {job.__name__: job for job in (examples, train, predict, serve)}
    asked = argparse.ArgumentParser()
    asked.add_argument("--lean", action="store_true")
    asked.add_argument("job", choices=jobs)
    asked.add_argument("arguments", nargs="+")
    options = asked.parse_args()
    if options.job != "examples":
        _set_up(options.lean)
    jobs[options.job](*options.arguments)


if __name__ == "__main__":
    main()
