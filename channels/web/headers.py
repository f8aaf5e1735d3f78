"""Response headers: who may embed and call us, and what a page of ours may load."""

from __future__ import annotations

from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty

from channels.web.errors import Refusal

__all__ = ["add_headers"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def add_headers(app: Sanic) -> None:
    """Preflights, CORS (exact origins, no credentials) and security headers on every answer."""

    @app.on_request
    async def preflight(request: Request) -> HTTPResponse | None:
        if request.method != "OPTIONS":
            return None
        if not _allowed(request):
            raise Refusal(403, "erreur_origine")
        return empty(headers=ALLOWED)

    @app.on_response
    async def secure(request: Request, response: HTTPResponse) -> None:
        response.headers["Vary"] = "Origin, Accept-Encoding"
        if _allowed(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.path.startswith("/chat/"):
            response.headers["Cache-Control"] = "no-store"
        if request.scheme == "https":
            response.headers["Strict-Transport-Security"] = "max-age=31536000"


def _allowed(request: Request) -> bool:
    return request.headers.get("origin") in request.app.ctx.settings.cors_origins
