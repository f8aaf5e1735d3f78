"""Errors as French pages that say what to do; nobody sees an exception, and logs see no personal text."""

from __future__ import annotations

import traceback

import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException

from console.render import page
from guichet.store import StoreUnavailable

__all__ = ["Refusal", "add_errors"]

log = structlog.get_logger("console")

PAGES = (403, 404, 405, 413, 500, 503)  # each has its words in templates/erreur.html, as «role» has
FRAMES = 6


class Refusal(Exception):
    """A request that is refused, with the page of an HTTP status, or one of its own words."""

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.words = words


def add_errors(app: Sanic) -> None:
    """Every error leaves as a page of its status."""

    @app.exception(Refusal)
    async def refused(request: Request, error: Refusal) -> HTTPResponse:
        return _page(request, error.status, error.words)

    @app.exception(StoreUnavailable)
    async def no_store(request: Request, error: StoreUnavailable) -> HTTPResponse:
        log.error("store_unavailable", reason=str(error))
        return _page(request, 503)

    @app.exception(Exception)
    async def broken(request: Request, error: Exception) -> HTTPResponse:
        if isinstance(error, SanicException) and 400 <= error.status_code < 500:
            return _page(request, error.status_code)
        # An exception's message may hold what people wrote (SQLAlchemy's holds the values): only its type and places.
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        log.error(
            "request_broken",
            error=type(error).__name__,
            at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
        )
        return _page(request, 500)


def _page(request: Request, status: int, words: str = "") -> HTTPResponse:
    code = words or (status if status in PAGES else 400)
    response = page(request, "erreur.html", status=status, code=code)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
