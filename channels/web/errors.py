"""Refusals: {error: {code, message}}, in French, saying what to do."""

from __future__ import annotations

from guichet.content import Display

__all__ = ["Refusal"]


class Refusal(Exception):
    """A request that is refused. `key` names a sentence of data/textes.yml; `values` fill its places."""

    def __init__(self, status: int, key: str, *, retry_after: int | None = None, **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.retry_after = status, key, retry_after
        self.values = {name: str(value) for name, value in values.items()}

    def body(self, display: Display) -> dict[str, dict[str, str]]:
        return {"error": {"code": self.key.removeprefix("erreur_"), "message": display.say(self.key, **self.values)}}

    def headers(self) -> dict[str, str]:
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return headers | ({"WWW-Authenticate": "Bearer"} if self.status == 401 else {})  # RFC 9110 §15.5.2
