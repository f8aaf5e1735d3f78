"""The public contract of DESIGN §6, one handler a route."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import empty
from sanic.response import json as json_response

from channels.web.access import hash_token, public, token_required
from channels.web.bodies import read_body, read_seq, read_uuid
from channels.web.errors import Refusal
from channels.web.handoff import FormInvalid, read_form
from channels.web.identity import verified_identity
from guichet import cases
from guichet.store import ask, conversations, handoffs
from guichet.store.tables import Conversation

__all__ = ["chat"]

chat = Blueprint("chat", url_prefix="/chat")

REASONS = ("incomplete", "fausse", "pas_claire", "hors_sujet", "lien_mort")  # what is sent may not be hashable


@chat.post("/conversations")
@public
async def start(request: Request) -> HTTPResponse:
    """201 {token, messages, identity?}: a new conversation; the token is said once and stored hashed."""
    ctx, settings = request.app.ctx, request.app.ctx.settings
    wait = ctx.new_conversations.wait(request.remote_addr or request.ip)
    if wait:
        raise Refusal(429, "erreur_trop_ouvertes", retry_after=wait, secondes=wait)
    body = read_body(request, optional=True)
    identity = verified_identity(settings, body.get("identity"))
    departement = (identity or {}).get("departement")
    token = secrets.token_urlsafe(32)
    now = ctx.turns.now()
    messages = await ask(
        conversations.create,
        ctx.store,
        conversation_id=str(uuid4()),
        token_hash=hash_token(token),
        now=now,
        expires_at=now + timedelta(seconds=settings.token_lifetime),
        departement=departement if departement in ctx.replies.content.departements else None,
        identity=ctx.vault.seal(identity) if identity else None,
        welcome=ctx.replies.welcome(await ctx.turns.switches.off()),
    )
    answer: dict[str, Any] = {"token": token, "messages": messages}
    if identity:
        answer["identity"] = {key: identity[key] for key in ("email", "departement") if key in identity}
    return json_response(answer, status=201)


@chat.post("/messages")
@token_required
async def say(request: Request, conversation: Conversation) -> HTTPResponse:
    """200 {turn, messages}: one turn; the same id again gives the same reply."""
    body, turns = read_body(request, sized=False), request.app.ctx.turns
    message_id = read_uuid(body)
    text, choice = body.get("text"), body.get("choice")
    if isinstance(text, str) and choice is None:
        if len(request.body) > request.app.ctx.settings.body_limit and not await turns.detect(text):
            raise Refusal(413, "erreur_gros")
        return json_response(await turns.take_text(conversation, message_id, text))
    if isinstance(choice, str) and text is None:
        return json_response(await turns.take_choice(conversation, message_id, choice))
    raise Refusal(400, "erreur_requete")


@chat.get("/messages")
@token_required
async def read(request: Request, conversation: Conversation) -> HTTPResponse:
    """200 {messages, pending}: both sides after a sequence number, and whether a turn is still under way."""
    after = request.args.get("after", "0")
    if not after.isascii() or not after.isdigit() or len(after) > 9:
        raise Refusal(400, "erreur_requete")
    messages, pending = await ask(conversations.messages, request.app.ctx.store, conversation.id, int(after))
    return json_response({"messages": messages, "pending": pending})


@chat.post("/handoff")
@token_required
async def hand_off(request: Request, conversation: Conversation) -> HTTPResponse:
    """200 {messages}: the case is open and its mails are written; 422 {errors} with one sentence a field."""
    ctx = request.app.ctx
    body = read_body(request)
    handoff_id = read_uuid(body)
    detection = await ctx.turns.detect(body["message"]) if isinstance(body.get("message"), str) else None
    try:
        form = read_form(ctx.replies, body)
    except FormInvalid as invalid:
        urgent = [reply.body for reply in ctx.replies.emergency(detection)] if detection else []
        return json_response({"errors": invalid.errors} | ({"urgent": urgent} if urgent else {}), status=422)
    mailbox = cases.mailbox_of(ctx.vault, form.email)
    await _check_limits(request, conversation, handoff_id, mailbox)
    identity = ctx.vault.open(conversation.identity) if conversation.identity else {}
    await ask(
        handoffs.add_handoff,
        ctx.store,
        handoff_id=handoff_id,
        conversation_id=conversation.id,
        contact=ctx.vault.seal({"email": form.email, "name": form.name}),
        departement=form.departement,
        summary=form.summary,
        verified=bool(identity.get("email")) and identity["email"].casefold() == form.email.casefold(),
        now=ctx.turns.now(),
        mailbox=mailbox,
    )
    kept = await ask(handoffs.handoff, ctx.store, handoff_id)
    if kept is None or kept.conversation_id != conversation.id:  # another conversation's id: its receipt is not ours
        raise Refusal(400, "erreur_requete")
    said = ctx.replies.said(ctx.replies.content.texts["demande_envoyee"])
    urgent = ctx.replies.emergency(detection) if detection else []
    result = await ctx.turns.take_handoff(conversation, handoff_id, said, urgent)
    return json_response({"messages": result["messages"], "turn": result["turn"]})


async def _check_limits(request: Request, conversation: Conversation, handoff_id: str, mailbox: str) -> None:
    """A form too many is refused before it is kept; the repeat of one that was kept is not one more."""
    ctx = request.app.ctx
    if await ask(handoffs.handoff, ctx.store, handoff_id):
        return
    wait = ctx.handoffs.wait(request.remote_addr or request.ip)
    if wait:
        raise Refusal(429, "erreur_demandes_connexion", retry_after=wait)
    try:
        await ask(
            cases.check_limits, ctx.store, ctx.settings, handoff_id=handoff_id, conversation_id=conversation.id,
            mailbox=mailbox, now=ctx.turns.now(),
        )  # fmt: skip
    except cases.TooManyHandoffs as refusal:
        key = {"conversation": "erreur_demandes_conversation", "mailbox": "erreur_demandes_boite"}[refusal.what]
        raise Refusal(429, key, retry_after=3600, limite=refusal.limit) from None


@chat.post("/feedback")
@token_required
async def feedback(request: Request, conversation: Conversation) -> HTTPResponse:
    """204: why an answer did not suit; it never changes the failure count."""
    body = read_body(request)
    if body.get("reason") not in REASONS:
        raise Refusal(400, "erreur_requete")
    ctx = request.app.ctx
    kept = await ask(
        conversations.add_feedback, ctx.store, conversation.id, read_seq(body), body["reason"], ctx.turns.now()
    )
    if not kept:
        raise Refusal(404, "erreur_cible")
    return empty()


@chat.post("/clicks")
@token_required
async def click(request: Request, conversation: Conversation) -> HTTPResponse:
    """204: a link of one of the bot's messages was followed."""
    body = read_body(request)
    teleservice = body.get("teleservice")
    if not isinstance(teleservice, str) or len(teleservice) > 60:
        raise Refusal(400, "erreur_requete")
    ctx = request.app.ctx
    kept = await ask(conversations.add_click, ctx.store, conversation.id, read_seq(body), teleservice, ctx.turns.now())
    if not kept:
        raise Refusal(404, "erreur_cible")
    return empty()


@chat.delete("/conversations")
@token_required
async def erase(request: Request, conversation: Conversation) -> HTTPResponse:
    """204: the conversation is deleted, here and in the brain's tracker store; its token stops working."""
    ctx = request.app.ctx
    await ask(conversations.erase, ctx.store, conversation.id)
    await ctx.brain.forget(conversation.id)
    return empty()
