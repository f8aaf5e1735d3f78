"""What supervisors watch: how many, on what, how well, how fast; for a period, with the former one beside."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from console import charts, measures
from console.access import staff_only
from console.deeds import record
from console.periods import PERIODS, Period, asked_period
from console.phrases import theme
from console.render import page
from console.sheets import csv_answer
from guichet.cases import REASONS
from guichet.content import Content
from guichet.content.display import typography
from guichet.store import ask, figures
from guichet.store.figures import Figures
from guichet.store.sessions import SignedIn

__all__ = ["dashboard"]

dashboard = Blueprint("dashboard")

TOP = 10  # themes in the chart, and rows of a table before the others are folded


@dashboard.get("/tableau")
@staff_only("dashboard.read")
async def show_dashboard(request: Request, agent: SignedIn) -> HTTPResponse:
    """Figures, charts with their tables."""
    period = asked_period(request)
    now, before = await _figures(request, period)
    await record(request, "dashboard.read", detail=f"{period.days} jours")
    content: Content = request.app.ctx.content
    days, former_days = measures.days(now, period), measures.days(before, period.former)
    themes = measures.themes(now)
    return page(
        request, "tableau.html", period=period, periods=PERIODS, summary=measures.summary(now, before),
        outcomes=measures.outcomes(now, before), days=days, groups=list(measures.GROUPS), themes=themes, top=TOP,
        clicks=measures.named(now.clicks, before.clicks, lambda one: measures.service(content, one)),
        feedback=measures.named(now.feedback, before.feedback, lambda one: measures.FEEDBACK.get(one, one)),
        reasons=measures.named(now.reasons, before.reasons, lambda one: typography(REASONS.get(one, one))),
        unavoidable=[typography(REASONS[one]) for one in measures.UNAVOIDABLE],
        busy=now.messages + now.cases + before.messages > 0, days_chart=_days_chart(days),
        talks_chart=_talks_chart(days, former_days),
        themes_chart=_themes_chart(content, themes[:TOP]),
    )  # fmt: skip


@dashboard.get("/tableau.csv")
@staff_only("dashboard.read")
async def export(request: Request, agent: SignedIn) -> HTTPResponse:
    """The same figures for a spreadsheet, one a line."""
    period = asked_period(request)
    now, before = await _figures(request, period)
    await record(request, "dashboard.exported", detail=f"{period.days} jours")
    lines = list(measures.lines(request.app.ctx.content, period, now, before))
    header = ("rubrique", "sujet", "mesure", "periode", "periode_precedente")
    return csv_answer(f"tableau-{period.dates[0]}-{period.last}.csv", header, lines)


async def _figures(request: Request, period: Period) -> tuple[Figures, Figures]:
    store, former = request.app.ctx.store, period.former
    now = await ask(figures.figures, store, period.since, period.until)
    return now, await ask(figures.figures, store, former.since, former.until)


def _days_chart(days: list[dict[str, Any]]) -> Any:
    series = {group: [row["counts"][group] for row in days] for group in measures.GROUPS}
    return charts.bars("Messages par jour, selon ce qu’ils sont devenus", _labels(days), series)


def _talks_chart(days: list[dict[str, Any]], former: list[dict[str, Any]]) -> Any:
    series = {"Période": [row["talks"] for row in days], "Période d’avant": [row["talks"] for row in former]}
    return charts.lines("Conversations par jour, et pendant la période d’avant", _labels(days), series)


def _themes_chart(content: Content, themes: list[tuple[str, Any]]) -> Any:
    series = {
        "Oui": [one.yes for _, one in themes],
        "Rien après": [one.silent for _, one in themes],
        "Non": [one.no for _, one in themes],
        "Autre question": [one.more for _, one in themes],
    }
    names = [theme(content, name) for name, _ in themes]
    return charts.rows("Sujets les plus demandés, et ce que la personne a fait ensuite", names, series)


def _labels(days: list[dict[str, Any]]) -> list[str]:
    return [f"{row['day'].day:02}/{row['day'].month:02}" for row in days]
