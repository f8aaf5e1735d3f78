"""Response headers: what a page may load, who may frame it (nobody), and that nothing stays in a cache."""

from __future__ import annotations

from sanic import HTTPResponse, Request, Sanic

__all__ = ["add_headers"]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_headers(app: Sanic) -> None:
    """Security headers on every answer, errors included."""

    @app.on_response
    async def secure(request: Request, response: HTTPResponse) -> None:
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        if request.app.ctx.settings.cookies_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
