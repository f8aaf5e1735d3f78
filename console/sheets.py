"""Figures and lists as files to download, for a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from sanic import HTTPResponse
from sanic.response import raw

from guichet.spreadsheet import write_csv

__all__ = ["csv_answer"]


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HTTPResponse:
    """A file to download, that a spreadsheet opens without running any cell."""
    file = io.StringIO(newline="")
    write_csv(file, header, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return raw(file.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)
