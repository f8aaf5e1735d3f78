"""Logs: one line an event, a constant name and fields; ids, never what people typed."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

import structlog

__all__ = ["configure_logs"]


def configure_logs() -> None:
    """Events as `key=value` lines on standard error; libraries only from WARNING on."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s %(message)s")
    logging.getLogger("sanic.access").disabled = True
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=8)
            ),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=_Stderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )


class _Stderr:
    """Standard error; what cannot be written (a full disk, a pipe that is closed) is dropped, as `logging` does: a
    service does not stop for its log."""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
