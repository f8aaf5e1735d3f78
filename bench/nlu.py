"""Language understanding, side by side: `make bench-nlu`.

    python -m bench.nlu PREFIX ...      in the brain's interpreter, from the root; --help tells the options

All trainings first, each followed by what its model says of the test messages; then, while nothing else runs, the
serving measures, contenders in turn. Writes bench/nlu.md; a restricted run writes its own under var/bench, and says so.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from bench.contender import not_classified, read_contenders
from bench.dataset import OUR_SET, DataSet, limited, our_set, public_set
from bench.machine import busy, commit, machine, versions
from bench.process import ROOT, run
from bench.report import Run, report
from bench.store import Store
from bench.trial import Trial

__all__ = ["main"]

ROUNDS = 3


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    tell = _clock()
    kept = ROOT / "var" / "bench" / ("tries" if options.epochs or options.limit else "whole")
    store = Store(kept, options.resume, tell)
    contenders = read_contenders(ROOT, options.contenders)
    if options.epochs:
        contenders = [contender.with_epochs(options.epochs) for contender in contenders]
    datasets = _datasets(options, store)
    trials = [Trial(one, dataset, store, options.time_limit * 60.0) for dataset in datasets for one in contenders]
    for trial in trials:
        trial.learn()
    others = busy()
    for turn in range(1, ROUNDS + 1):
        for trial in trials:
            trial.serve(turn)
    results = {
        dataset.name: {trial.contender.name: trial.result for trial in trials if trial.dataset is dataset}
        for dataset in datasets
    }
    about = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": commit(ROOT),
        "machine": machine(),
        "share of the cores busy with other work when serving began": f"{100 * others:.0f} %",
        "versions": versions(),
    }
    restricted = _restricted(options)
    written = store.path("nlu.md") if restricted else ROOT / "bench" / "nlu.md"
    written.write_text(report(Run(contenders, datasets, results, about, restricted)), encoding="utf-8")
    tell(f"report: {written.relative_to(ROOT)}")


def _datasets(options: argparse.Namespace, store: Store) -> list[DataSet]:
    names = [OUR_SET, *(prefix.name for prefix in options.prefixes)]
    wanted = options.sets or names
    if len(set(names)) < len(names) or not set(wanted) <= set(names):
        raise SystemExit(f"each set needs a name of its own, and --sets must name some of: {', '.join(names)}")
    found = [public_set(prefix) for prefix in options.prefixes if prefix.name in wanted]
    if OUR_SET in wanted:
        examples = store.path("examples.given.json")
        run(["examples", str(ROOT), str(examples)], store.path("examples.log"), options.time_limit * 60.0)
        questions = ROOT / "tests" / "brain" / "questions.yml"
        ours = our_set(json.loads(examples.read_text(encoding="utf-8")), questions, not_classified(ROOT / "config.yml"))
        found.insert(0, ours)
    return [limited(dataset, options.limit) for dataset in found] if options.limit else found


def _options(arguments: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench.nlu", description=__doc__.splitlines()[0])
    asked.add_argument(
        "prefixes", nargs="*", type=Path, metavar="PREFIX",
        help="a public set: PREFIX-train.jsonl, PREFIX-test.jsonl, PREFIX-test-noisy.jsonl, {text, intent} a line",
    )  # fmt: skip
    asked.add_argument("--contenders", nargs="+", help="only these files of bench/contenders")
    asked.add_argument("--sets", nargs="+", help=f"only these sets: {OUR_SET}, or the name a prefix ends with")
    asked.add_argument("--epochs", type=int, help="for a try: epochs of every component that counts them")
    asked.add_argument("--limit", type=int, help="for a try: training examples, and test messages of each kind")
    asked.add_argument("--time-limit", type=float, default=240, help="minutes that a training may last (240)")
    asked.add_argument("--resume", action="store_true", help="keep what an interrupted run has finished")
    return asked.parse_args(arguments)


def _restricted(options: argparse.Namespace) -> str:
    """The options that make this run less than a whole one, "" when it is whole."""
    given = [(name, getattr(options, name)) for name in ("contenders", "sets", "epochs", "limit")]
    words = [(name, " ".join(value) if isinstance(value, list) else value) for name, value in given if value]
    return ", ".join(f"`--{name} {value}`" for name, value in words)


def _clock() -> Callable[[str], None]:
    """Prints a line with the time since the start."""
    started = time.monotonic()

    def tell(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - started), 60)
        print(f"[{minutes // 60}:{minutes % 60:02d}:{seconds:02d}] {text}", flush=True)

    return tell


if __name__ == "__main__":
    main()
