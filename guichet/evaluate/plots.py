"""Plots as inline SVG, in the colours of the service, without script or outside request."""

from __future__ import annotations

from typing import Any

import pygal
from pygal.style import Style

from guichet.evaluate.report import Plot, percent

__all__ = ["draw"]

FONT = "Arial, Helvetica, sans-serif"
INK, SUBDUED, PRIMARY, PAPER = "#222324", "#545859", "#0c419a", "#ffffff"
STEPS = 5
SIZE = {"width": 640, "height": 420}  # units of the drawing; the page sets its width


def draw(plot: Plot) -> str:
    """The <svg> element of a plot, named after its title and what it shows."""
    chart = pygal.XY(
        style=Style(
            background=PAPER,
            plot_background=PAPER,
            foreground=INK,
            foreground_strong=INK,
            foreground_subtle=SUBDUED,
            guide_stroke_color="#ced9eb",
            major_guide_stroke_color="#ced9eb",
            colors=tuple(SUBDUED if curve.guide else PRIMARY for curve in plot.curves),
            font_family=FONT,
            label_font_size=14,
            major_label_font_size=14,
            legend_font_size=14,
            title_font_size=14,
            opacity="1",
            stroke_opacity="1",
            stroke_width="2",
            transition="0s",
        ),
        js=[],
        disable_xml_declaration=True,
        show_legend=len(plot.curves) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(plot.curves),
        truncate_legend=-1,
        x_title=plot.across,
        y_title=plot.upward,
        x_labels=[n / STEPS for n in range(STEPS + 1)],
        y_labels=[plot.top * n / STEPS for n in range(STEPS + 1)],
        xrange=(0, 1),
        range=(0, plot.top),
        x_value_formatter=lambda share: percent(share, 0),
        value_formatter=lambda share: percent(share, 0),
        no_data_text="Rien à tracer",
        **SIZE,
    )
    chart.uuid = plot.id  # pygal would draw a random one, and the same report must give the same page
    for curve in plot.curves:
        dashes = {"dasharray": "6, 6"} if curve.guide else {}
        few = len(curve.points) <= 20 and not curve.guide
        chart.add(curve.name, list(curve.points), show_dots=few, stroke_style=dashes, dots_size=4)
    chart.add_xml_filter(_bare)
    return chart.render(is_unicode=True).replace("<svg ", f'<svg role="img" aria-labelledby="{plot.id}-titre" ', 1)


def _bare(root: Any) -> Any:
    """Without pygal's comments (dated), scripts and <title> (it would show in every tooltip)."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag in ("script", "title", "desc"):
                parent.remove(child)
    return root
