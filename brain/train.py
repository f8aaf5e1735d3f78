"""Trains as `rasa train` does, with its options, and without what brain/lean.py leaves out: `python -m brain.train`."""

from __future__ import annotations

import os
import sys
import warnings

from brain.lean import lighten_rasa
from brain.processor import use_whole_processor

__all__ = ["main"]


def main() -> None:
    warnings.filterwarnings("ignore")  # Rasa's frozen packages announce their own deprecations
    lighten_rasa()
    use_whole_processor()
    from rasa.__main__ import main as rasa_main

    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("RASA_MAX_CACHE_SIZE", "0")  # a new answer is new training data: nothing would be found again
    sys.argv = ["rasa", "train", "--force", *sys.argv[1:]]
    rasa_main()


if __name__ == "__main__":
    main()
