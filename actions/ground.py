"""What actions stand on: settings, content and store of this process, made at the first use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache

from guichet.content import Content, load_content
from guichet.settings import Settings, current
from guichet.store import Store, open_store

__all__ = ["bounded", "content", "settings", "store"]


@lru_cache(maxsize=1)
def settings() -> Settings:
    return current()


@lru_cache(maxsize=1)
def content() -> Content:
    return load_content(settings().data_dir)


@lru_cache(maxsize=1)
def store() -> Store:
    return open_store(settings().database)


async def bounded[T](work: Callable[..., T], *args: object) -> T:
    """Run blocking work in a thread, within ACTION_TIMEOUT (Rasa's own limit is hard-coded to 300 s)."""
    return await asyncio.wait_for(asyncio.to_thread(work, *args), settings().action_timeout)
