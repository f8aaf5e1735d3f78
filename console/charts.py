"""Charts as inline SVG, drawn here by pygal; console.css colours them, so they follow the light and dark looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from markupsafe import Markup

__all__ = ["bars", "lines", "rows"]

WIDTH, HEIGHT = 760, 300  # units of the drawing; the page sets its width
ROW = 34  # units, of a horizontal bar
LABELS = 6  # at most, under a chart of days
LONG = 34  # characters of a name beside a horizontal bar
DROPPED = ("style", "script", "title", "desc", "defs")  # not allowed inline (styles, scripts), or shown as a tooltip
OVERLAYS = {"text-overlay", "tooltip-overlay", "tooltip", "titles"}  # of pygal's script


def bars(name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> Markup:
    """Bars of several series on top of one another, one a day."""
    return _days(pygal.StackedBar, name, labels, series)


def lines(name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> Markup:
    """A line a series, over the same days."""
    return _days(pygal.Line, name, labels, series, show_dots=False)


def rows(name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> Markup:
    """Horizontal bars of several series one after the other, a row a name; the first name is on top."""
    height = ROW * len(labels) + 110
    names = [label if len(label) <= LONG else label[: LONG - 1] + "…" for label in labels]
    options = _options(height, series) | {"legend_at_bottom_columns": 2, "margin_bottom": 64}
    chart = pygal.HorizontalStackedBar(**options, x_labels=names[::-1])
    for key, values in series.items():
        chart.add(key, list(values)[::-1])
    return _drawn(chart, name)


def _days(kind: type, name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], **more: Any) -> Markup:
    step = -(-len(labels) // LABELS)
    chart = kind(
        **_options(HEIGHT, series), **more, x_labels=list(labels), x_labels_major=list(labels[::step]),
        show_minor_x_labels=False, margin_left=50,
    )  # fmt: skip
    for key, values in series.items():
        chart.add(key, list(values))
    return _drawn(chart, name)


def _options(height: int, series: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    return {
        "width": WIDTH, "height": height, "margin": 10, "margin_bottom": 44, "js": [], "css": [],
        "disable_xml_declaration": True, "show_legend": len(series) > 1, "legend_at_bottom": True,
        "legend_at_bottom_columns": 3, "legend_box_size": 14, "truncate_legend": -1, "truncate_label": -1,
        "no_data_text": "", "value_formatter": lambda value: f"{value:g}" if value == int(value) else "",
        "include_x_axis": True, "min_scale": 2, "max_scale": 6, "style": _sizes(),
    }  # fmt: skip


def _sizes() -> pygal.style.Style:
    """What pygal must know of our letters to leave room for them."""
    return pygal.style.Style(label_font_size=14, major_label_font_size=14, legend_font_size=14)


def _drawn(chart: Any, name: str) -> Markup:
    chart.add_xml_filter(_bare)
    drawn = chart.render(is_unicode=True)
    label = Markup.escape(name)
    return Markup(drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" focusable="false" ', 1))  # noqa: S704 - names are escaped by lxml


def _bare(root: Any) -> Any:
    """Without what a policy against inline styles refuses, nor pygal's dated comments and scripted tooltips."""
    for parent in list(root.iter()):
        for attribute in ("style", "id"):  # an id would be there twice, with two charts
            parent.attrib.pop(attribute, None)
        for child in list(parent):
            comment = not isinstance(child.tag, str)
            if comment or child.tag in DROPPED or OVERLAYS & set(child.get("class", "").split()):
                parent.remove(child)
    return root
