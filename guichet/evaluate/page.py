"""A report as one self-contained page, to read or print without a network."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from guichet.evaluate.plots import draw
from guichet.evaluate.report import MET, MISSED, Report

__all__ = ["page"]

MARKS = {MET: "met", MISSED: "missed"}  # cells that have a colour


def page(report: Report, today: date) -> str:
    """The HTML of the report. Everything but our own plots is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["draw"] = draw
    template = environment.get_template("report.html")
    return template.render(report=report, marks=MARKS, today=today.strftime("%d/%m/%Y"))
