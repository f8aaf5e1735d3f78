"""Fresh processes: every training, prediction and serving measure runs in one, and is killed past its time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any, TextIO

from bench.worker import READY

__all__ = ["ROOT", "StepFailed", "run", "serve"]

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
}
UNUSUAL = "PYTHONDONTWRITEBYTECODE"  # with it, every process would count the compilation of all of Rasa
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",  # a training that finds its parts in a cache measures nothing
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}


class StepFailed(RuntimeError):
    """A process failed or passed its time limit; the text says which and where its log is, `reason` only why."""

    def __init__(self, reason: str, log: Path) -> None:
        super().__init__(f"{reason}; see {log}")
        self.reason = reason


def run(arguments: list[str], log: Path, limit: float) -> dict[str, float]:
    """Run a job of bench/worker.py with all the cores, within `limit` seconds.

    Gives {wall, cpu}, seconds: the process from its start to its end and its children's, imports included.
    """
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as out, _started(arguments, out, {}, limit, out) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    _check(process, arguments, log, limit)
    return {"wall": time.perf_counter() - started, "cpu": usage.ru_utime + usage.ru_stime}


def serve(arguments: list[str], log: Path, limit: float) -> dict[str, Any]:
    """Run a serving job with one thread: {cold, durations: [...], memory}, in seconds and bytes.

    `cold` goes from the start of the process to its first parsed message.
    """
    started = time.perf_counter()
    cold, told = 0.0, ""
    with log.open("w", encoding="utf-8") as out, _started(arguments, out, ONE_THREAD, limit, PIPE) as process:
        for line in process.stdout or ():
            if line.strip() == READY:
                cold = time.perf_counter() - started
            told = line
        process.wait()
    _check(process, arguments, log, limit)
    return {"cold": cold, **json.loads(told)}


@contextlib.contextmanager
def _started(
    arguments: list[str], log: TextIO, threads: dict[str, str], limit: float, stdout: Any
) -> Iterator[subprocess.Popen]:
    env = {name: value for name, value in os.environ.items() if name not in {*ONE_THREAD, UNUSUAL}}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.worker", *arguments],
        cwd=ROOT,
        env={**env, **QUIET, **threads},
        stdout=stdout,
        stderr=log,
        text=True,
        start_new_session=True,  # so that it can be killed with its children
    )
    timer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _check(process: subprocess.Popen, arguments: list[str], log: Path, limit: float) -> None:
    job = next(word for word in arguments if not word.startswith("-"))
    if process.returncode == -signal.SIGKILL:
        raise StepFailed(f"{job} was killed: past its {limit / 60:.0f} minutes, or short of memory", log)
    if process.returncode != 0:
        raise StepFailed(f"{job} failed with code {process.returncode}", log)
