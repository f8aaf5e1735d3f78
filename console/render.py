"""Templates and what they know: the words of the console, the person signed in, the present."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request
from sanic.response import html

from console import phrases, roles, steps
from guichet.content import Content
from guichet.content.bare import unmarked
from guichet.content.display import typography
from guichet.settings import Settings

__all__ = ["STATIC", "page", "templates"]

HERE = Path(__file__).parent
STATIC = HERE / "static"


def templates(settings: Settings, content: Content) -> Environment:
    """The templates, with the words that all of them need. Everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        service=typography(settings.service_name),
        version=hashlib.sha256((STATIC / "console.css").read_bytes()).hexdigest()[:8],
    )
    environment.filters.update(
        age=phrases.age,
        caisse=lambda caisse: phrases.caisse(content, caisse),
        caisses=lambda given: phrases.caisses(content, given),
        day=phrases.day,
        departement=lambda code: phrases.departement(content, code),
        duration=phrases.duration,
        happened=phrases.happened,
        kind=phrases.kind,
        mail_name=phrases.mail_name,
        mail_state=phrases.mail_state,
        minute=phrases.minute,
        paragraphs=phrases.paragraphs,
        plain=phrases.plain,
        role=phrases.role,
        theme=lambda theme: phrases.theme(content, theme),
        reasoned=lambda reason: phrases.reasoned(content, reason),
        typo=typography,
        unmarked=unmarked,
        waiting=phrases.waiting,
        wait_time=phrases.wait_time,
    )
    return environment


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTTPResponse:
    """One page. Every template knows `agent` (whoever is signed in, or None), `menu`, `home`, `path` and `now`."""
    ctx = request.app.ctx
    agent = getattr(request.ctx, "agent", None)
    whole = agent and not steps.due(agent.staff, agent.session.second_factor, ctx.settings)
    known = {
        "agent": agent,
        "menu": _menu(request, agent.staff.role) if whole else [],
        "home": roles.home(agent.staff.role) if whole else "/",
        "path": request.path,
        "now": ctx.clock(),
    }
    return html(ctx.templates.get_template(template).render(known | values), status=status)


def _menu(request: Request, role: str) -> list[roles.Entry]:
    """Without the local mails when a mail server is set."""
    return [entry for entry in roles.menu(role) if entry.capability != "mail.read" or request.app.ctx.maildir]
