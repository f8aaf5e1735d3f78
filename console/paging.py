"""Lists in pages: which one is asked for, and which ones there are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sanic import Request

from console.errors import Refusal

__all__ = ["Paging", "page_number"]

NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Paging:
    """Page `number` of `pages`, of `total` things."""

    number: int
    pages: int
    total: int

    @classmethod
    def of(cls, number: int, per_page: int, total: int) -> Paging:
        """Raises Refusal (404) beyond the last page; an empty list has one page."""
        pages = max(1, -(-total // per_page))
        if number > pages:
            raise Refusal(404)
        return cls(number, pages, total)


def page_number(request: Request) -> int:
    """The page asked for (`?page=`), 1 by default. Raises Refusal (404) when it is not a number from 1."""
    written = request.args.get("page", "1")
    if not NUMBER.fullmatch(written):
        raise Refusal(404)
    return int(written)
