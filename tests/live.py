"""A Sanic application on a real socket, in a thread, for tests that talk to it as a browser would."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sanic import Sanic

__all__ = ["NO_TLS", "free_port", "serve"]

START_LIMIT = 20  # seconds
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a client of a loopback server: reading the certificates takes 40 ms


def free_port() -> int:
    """A loopback port nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(app: Sanic) -> Iterator[str]:
    """Serve the app on a free loopback port; gives its base URL, and stops it with its listeners at the end."""
    port, started, loop = free_port(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    failures: list[BaseException] = []
    app.config.TOUCHUP = False  # Sanic rewrites its own methods once a process; a second app would find them rewritten

    async def main() -> None:
        server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False)
        await server.startup()
        await server.before_start()
        await server.after_start()
        started.set()
        await stop.wait()
        await server.before_stop()
        closed = server.close()
        for connection in list(server.connections):  # kept alive by clients; wait_closed would wait for them
            connection.abort()
        await closed
        await server.after_stop()

    def run() -> None:
        try:
            loop.run_until_complete(main())
        except BaseException as error:  # the test must see it
            failures.append(error)
            started.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(START_LIMIT), "the app did not start"
    if failures:
        raise failures[0]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_LIMIT)
        Sanic.unregister_app(app)
