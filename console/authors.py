"""What authors should mend: messages not understood and answers refused, with why; cases that a theme caused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from console.access import staff_only
from console.deeds import record
from console.measures import FEEDBACK, UNAVOIDABLE
from console.paging import Paging, page_number
from console.periods import PERIODS, asked_period, day_of
from console.phrases import minute, plain, theme
from console.render import page
from console.sheets import csv_answer
from guichet.cases import REASONS
from guichet.content import Content
from guichet.content.library import fold
from guichet.store import ask, figures
from guichet.store.figures import Unanswered
from guichet.store.sessions import SignedIn

__all__ = ["authors"]

authors = Blueprint("authors")

PER_PAGE = 25
MOST = 5000  # rows of a CSV file
KINDS = {"misunderstood": "Messages non compris", "refused": "Réponses refusées"}
THEME = re.compile(r"\*(\w+)\*")  # in an explanation
RANKED = 3  # themes of the ranking that are shown


@authors.get("/auteurs")
@staff_only("authors.read")
async def show_authors(request: Request, agent: SignedIn) -> HTTPResponse:
    """A page of the list, newest first, and how many messages each theme has."""
    ctx, number, period, asked = request.app.ctx, page_number(request), asked_period(request), _asked(request)
    found, total = await ask(
        figures.unanswered, ctx.store, period.since, kind=asked["quoi"], theme=asked["sujet"], page=number,
        per_page=PER_PAGE,
    )  # fmt: skip
    counts = await ask(figures.unanswered_themes, ctx.store, period.since)
    cases = await ask(figures.avoidable, ctx.store, period.since, UNAVOIDABLE)
    paging = Paging.of(number, PER_PAGE, total)
    await record(request, "authors.read", detail=f"page {number}")
    kept = {"periode": str(period.days)} | {name: value for name, value in asked.items() if value}
    return page(
        request, "auteurs.html", rows=[_row(ctx.content, one) for one in found], paging=paging, period=period,
        periods=PERIODS, asked=asked, kept=kept, kinds=KINDS, themes=_themes(ctx.content, counts),
        cases=[(name, REASONS.get(reason, reason), count) for (name, reason), count in cases.most_common()],
        export=f"/auteurs.csv?{urlencode(kept)}", filtered=bool(asked["quoi"] or asked["sujet"]),
    )  # fmt: skip


@authors.get("/auteurs.csv")
@staff_only("authors.read")
async def export(request: Request, agent: SignedIn) -> HTTPResponse:
    """The same list, whole, for a spreadsheet."""
    ctx, period, asked = request.app.ctx, asked_period(request), _asked(request)
    found, _ = await ask(
        figures.unanswered, ctx.store, period.since, kind=asked["quoi"], theme=asked["sujet"], per_page=MOST
    )
    await record(request, "authors.exported", detail=f"{len(found)} lignes")
    rows = (_line(_row(ctx.content, one)) for one in found)
    header = ("jour", "heure", "quoi", "sujet", "message", "explication", "classement", "avis")
    return csv_answer(f"auteurs-{period.dates[0]}-{period.last}.csv", header, rows)


def _asked(request: Request) -> dict[str, str]:
    """What the filters hold; what they do not offer asks nothing."""
    kind = request.args.get("quoi", "")
    return {"quoi": kind if kind in KINDS else "", "sujet": plain(request.args.get("sujet", ""))[:60]}


def _row(content: Content, one: Unanswered) -> dict[str, Any]:
    """A message as authors read it: what was said, what the bot made of it."""
    ranking = [row for row in one.decision.get("ranking") or () if isinstance(row, dict)][:RANKED]
    return {
        "at": one.at,
        "kind": "Réponse refusée" if one.refused else "Non compris",
        "refused": one.refused,
        "theme": theme(content, one.theme) if one.theme else "",
        "said": plain(one.said),
        "why": _titled(content, str(one.decision.get("reason") or "")),
        "ranking": [(theme(content, row.get("name")), _percent(row.get("confidence"))) for row in ranking],
        "feedback": FEEDBACK.get(one.reason or "", ""),
    }


def _titled(content: Content, reason: str) -> str:
    """The brain's explanation, with the titles of themes in place of their ids."""
    return plain(THEME.sub(lambda named: f"«\u00a0{theme(content, named[1])}\u00a0»", reason)).replace("*", "")


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    at: datetime = row["at"]
    ranked = ", ".join(f"{name} {share}" for name, share in row["ranking"])
    hour = minute(at).replace("\u00a0", " ")
    return (day_of(at).isoformat(), hour, row["kind"], row["theme"], row["said"], row["why"], ranked, row["feedback"])


def _themes(content: Content, counts: Mapping[str, int]) -> dict[str, str]:
    """The themes that have messages, {id: its title and how many}, by title."""
    named = [(name, f"{theme(content, name)} ({count})") for name, count in counts.items() if name]
    return dict(sorted(named, key=lambda row: fold(row[1])))


def _percent(share: object) -> str:
    return f"{100 * share:.0f}\u00a0%" if isinstance(share, (int, float)) else ""
