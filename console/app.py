"""The console application, made from its settings; every collaborator can be handed in by a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from sanic import Sanic

from console import (
    access,
    account,
    authors,
    courrier,
    dashboard,
    errors,
    headers,
    inbox,
    journal,
    pages,
    render,
    signin,
    switches,
    team,
    work,
)
from console.throttle import Throttle
from guichet.content import Content, load_content
from guichet.privacy import load_vault
from guichet.settings import Settings
from guichet.store import Store, open_store

__all__ = ["create_app"]

HASHES_AT_ONCE = 2  # argon2 takes 64 MiB and a core each


def create_app(
    settings: Settings,
    store: Store | None = None,
    *,
    content: Content | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Sanic:
    """The app of the console process. `clock` gives an aware instant; sessions and throttling follow it.

    Raises ContentError or SettingsError when content or settings cannot be used.
    """
    app = Sanic(f"guichet-console-{uuid4().hex[:8]}", configure_logging=False)
    app.config.update(
        REQUEST_MAX_SIZE=settings.body_limit,
        REQUEST_TIMEOUT=20,
        RESPONSE_TIMEOUT=60,
        KEEP_ALIVE_TIMEOUT=30,
        PROXIES_COUNT=settings.trusted_proxies or None,
        FALLBACK_ERROR_FORMAT="html",
        OAS=False,
    )
    ctx = app.ctx
    ctx.settings = settings
    ctx.content = content or load_content(settings.data_dir)
    ctx.store = store or open_store(settings.database)
    ctx.vault = load_vault(settings)
    ctx.clock = clock or (lambda: datetime.now(UTC))
    ctx.throttle = Throttle(ctx.clock)
    ctx.code_throttle = Throttle(ctx.clock)  # its own count: a password that was right gives no further codes to try
    ctx.hashing = asyncio.Semaphore(HASHES_AT_ONCE)
    ctx.maildir = settings.var_dir / "mail" if settings.mail_transport == "maildir" else None
    ctx.templates = render.templates(settings, ctx.content)
    app.blueprint(pages.pages)
    app.blueprint(signin.signin)
    app.blueprint(account.account)
    app.blueprint(inbox.inbox)
    app.blueprint(work.work)
    app.blueprint(dashboard.dashboard)
    app.blueprint(authors.authors)
    app.blueprint(switches.switches)
    app.blueprint(team.team)
    app.blueprint(journal.journal)
    if ctx.maildir:
        app.blueprint(courrier.courrier)
    headers.add_headers(app)
    errors.add_errors(app)
    app.before_server_start(lambda app: access.check_routes(app))
    app.after_server_stop(lambda app: app.ctx.store.close())
    return app
