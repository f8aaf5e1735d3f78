"""The web application, made from its settings; every collaborator can be handed in by a test."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotAllowed, NotFound, PayloadTooLarge, SanicException, ServiceUnavailable
from sanic.response import json as json_response

from channels.web import access
from channels.web.brain import Brain
from channels.web.chat import chat
from channels.web.errors import Refusal
from channels.web.headers import add_headers
from channels.web.limits import Window
from channels.web.pages import add_files, pages
from channels.web.replies import Replies
from channels.web.turns import Turns
from guichet.content import Content, load_content
from guichet.model import LIKENESS
from guichet.privacy import load_vault
from guichet.safety import Detection, Detector
from guichet.safety import load as load_detector
from guichet.settings import Settings
from guichet.store import CONNECTIONS, Store, StoreUnavailable, ask, conversations, open_store
from guichet.store.tables import Conversation

__all__ = ["create_app"]

log = structlog.get_logger("web")

HARD_LIMIT = 256 * 1024  # bytes; under it safety reads the text before the body is refused


def create_app(
    settings: Settings,
    *,
    content: Content | None = None,
    store: Store | None = None,
    brain: Brain | None = None,
    detector: Detector | None = None,
) -> Sanic:
    """The app of the web process. Raises ContentError or SettingsError when content or settings cannot be used."""
    app = Sanic(f"guichet-web-{uuid4().hex[:8]}", configure_logging=False)
    app.config.update(
        REQUEST_MAX_SIZE=HARD_LIMIT,
        REQUEST_TIMEOUT=20,
        RESPONSE_TIMEOUT=60,
        KEEP_ALIVE_TIMEOUT=30,
        PROXIES_COUNT=settings.trusted_proxies or None,
        FALLBACK_ERROR_FORMAT="json",
        OAS=False,
    )
    content = content or load_content(settings.data_dir)
    ctx = app.ctx
    ctx.settings = settings
    ctx.store = store or open_store(settings.database)
    ctx.replies = Replies(content)
    ctx.detector = detector or load_detector(settings.data_dir / "urgences.yml", LIKENESS)
    if ctx.detector.likeness is None:
        log.warning("likeness_missing", advice="lancez « bin/guichet train »")  # the rules go on alone
    ctx.vault = load_vault(settings)
    ctx.brain = brain or Brain(settings.brain_url)
    ctx.actions = httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.actions_port}", trust_env=False, timeout=2.0)
    ctx.turns = Turns(settings, ctx.store, ctx.replies, ctx.detector, ctx.brain)
    ctx.new_conversations = Window(settings.conversations_per_minute, time.monotonic)
    ctx.handoffs = Window(settings.handoffs_per_hour, time.monotonic, 3600)

    async def find_conversation(token: str) -> Conversation | None:
        return await ask(conversations.find, ctx.store, access.hash_token(token), ctx.turns.now())

    ctx.find_conversation = find_conversation
    app.blueprint(chat)
    app.blueprint(pages)
    add_files(app, content.departements, settings)
    add_headers(app)
    _add_errors(app)
    app.before_server_start(lambda app: access.check_routes(app))
    app.before_server_start(_resume)
    app.after_server_stop(_close)
    return app


async def _resume(app: Sanic) -> None:
    """Before the first new message: what was left half-done comes first."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONNECTIONS, "store"))
    try:
        left = await app.ctx.turns.resume()
    except StoreUnavailable as error:
        log.error("store_unavailable", reason=str(error))  # requests say so too; the sweep resumes when it is back
    else:
        if left:
            log.info("turns_resumed", count=left)
    app.ctx.sweep = asyncio.create_task(app.ctx.turns.sweep(), name="sweep")


async def _close(app: Sanic) -> None:
    app.ctx.sweep.cancel()
    await app.ctx.brain.close()
    await app.ctx.actions.aclose()
    app.ctx.store.close()


def _add_errors(app: Sanic) -> None:
    """Every error leaves as {error: {code, message}}, in French; a person never sees an exception."""

    async def answer(request: Request, refusal: Refusal) -> HTTPResponse:
        ctx = request.app.ctx
        body = refusal.body(ctx.replies.display)
        detection = await _heard(request)
        if detection:
            log.warning("emergency_refused", theme=detection.theme, code=refusal.key)
            body |= {"urgent": [reply.body for reply in ctx.replies.emergency(detection)]}
        return json_response(body, status=refusal.status, headers=refusal.headers())

    @app.exception(Refusal)
    async def refused(request: Request, error: Refusal) -> HTTPResponse:
        return await answer(request, error)

    @app.exception(NotFound)
    async def not_found(request: Request, error: NotFound) -> HTTPResponse:
        return await answer(request, Refusal(404, "erreur_introuvable"))

    @app.exception(MethodNotAllowed)
    async def wrong_method(request: Request, error: MethodNotAllowed) -> HTTPResponse:
        return await answer(request, Refusal(405, "erreur_methode"))

    @app.exception(PayloadTooLarge)
    async def too_large(request: Request, error: PayloadTooLarge) -> HTTPResponse:
        return await answer(request, Refusal(413, "erreur_gros"))

    @app.exception(StoreUnavailable)
    async def no_store(request: Request, error: StoreUnavailable) -> HTTPResponse:
        log.error("store_unavailable", reason=str(error))
        return await answer(request, Refusal(503, "erreur_base", retry_after=5))

    @app.exception(ServiceUnavailable)
    async def too_late(request: Request, error: ServiceUnavailable) -> HTTPResponse:
        log.error("request_too_late", path=request.path)
        return await answer(request, Refusal(503, "erreur_base", retry_after=5))

    @app.exception(Exception)
    async def broken(request: Request, error: Exception) -> HTTPResponse:
        if isinstance(error, SanicException) and 400 <= error.status_code < 500:
            return await answer(request, Refusal(error.status_code, "erreur_requete"))
        log.exception("request_broken", path=request.path)
        return await answer(request, Refusal(500, "erreur_interne"))


async def _heard(request: Request) -> Detection | None:
    """The emergency that a refused message or form speaks of: safety first, in every state (DESIGN §5.1)."""
    if request.method != "POST" or request.path not in ("/chat/messages", "/chat/handoff"):
        return None
    try:
        body = request.json
        said = [body.get(key) for key in ("text", "message")] if isinstance(body, dict) else []
        words = "\n".join(text for text in said if isinstance(text, str))
        return await request.app.ctx.turns.detect(words) if words else None
    except Exception:  # noqa: BLE001 - a body that cannot be read says nothing; the refusal itself must still leave
        return None
