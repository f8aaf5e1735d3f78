"""`check --links`: every external address of the content, opened against a local server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from guichet.check import ERROR, WARNING
from guichet.check.addresses import AT_ONCE, Address, addresses, try_addresses
from tests.guichet.content_builder import write_data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path)


class Site(BaseHTTPRequestHandler):
    """Answers by path; counts visits and how many it serves at once."""

    visits: Counter[str] = Counter()
    now = most = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        with Site.lock:
            Site.visits[self.path] += 1
            Site.now += 1
            Site.most = max(Site.most, Site.now)
        time.sleep(1.0 if self.path == "/slow" else 0.02)
        code, location = {
            "/gone": (404, None),
            "/robots": (403, None),
            "/broken": (503, None),
            "/moved": (301, "/fine"),
            "/removed": (302, "/"),
            "/loop": (302, "/loop"),
        }.get(self.path, (200, None))
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()
        with Site.lock:
            Site.now -= 1

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def site() -> Iterator[str]:
    Site.visits, Site.most = Counter(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def visit(urls: list[str], *, shown: bool = True, limit: float = 0.5):
    """(findings, what the progress said)."""
    told: list[tuple[int, int]] = []

    async def go():
        async with httpx.AsyncClient(follow_redirects=True, trust_env=False, max_redirects=4) as client:
            wanted = [Address(url, Path("data/x.yml"), n + 1, shown) for n, url in enumerate(urls)]
            return await try_addresses(wanted, client, lambda *step: told.append(step), limit)

    return asyncio.run(go()), told


@pytest.mark.parametrize(
    ("path", "level", "said"),
    [
        ("/fine", None, ""),
        ("/gone", ERROR, "la page n'existe plus (404)"),
        ("/robots", WARNING, "refuse d'être ouvert par un programme (403)"),
        ("/broken", WARNING, "a répondu par une erreur (503)"),
        ("/moved", WARNING, "a changé d'adresse"),
        ("/removed", WARNING, "renvoie à la page d'accueil"),
        ("/loop", WARNING, "renvoie sans fin"),
        ("/slow", WARNING, "pas de réponse en 0.5 s"),
    ],
)
def test_each_way_an_address_can_fail_is_told(path, level, said):
    with site() as base:
        found, _ = visit([base + path])
    assert [finding.level for finding in found] == ([level] if level else [])
    assert all(said in finding.what for finding in found)


def test_a_site_that_cannot_be_reached_is_a_warning():
    with site() as base:
        pass  # closed again: nobody listens on its port
    (finding,), _ = visit([base])
    assert finding.level == WARNING
    assert "ne s'ouvre pas" in finding.what


def test_a_page_that_only_backs_a_fact_is_never_an_error():
    with site() as base:
        (finding,), _ = visit([base + "/gone"], shown=False)
    assert (finding.level, finding.consequence) == (WARNING, "le fait n'a plus de preuve.")


def test_an_address_is_opened_once_and_a_few_at_a_time_with_progress():
    with site() as base:
        found, told = visit([f"{base}/{n}" for n in range(12)] + [base + "/gone"] * 2)
    assert max(Site.visits.values()) == 1
    assert 1 < Site.most <= AT_ONCE
    assert told == [(n, 13) for n in range(1, 14)]
    assert [finding.line for finding in found] == [13, 14]  # each place that gives the dead address


def test_every_external_address_of_the_content_is_known_with_its_line(data):
    found = {(address.url, address.path.name, address.shown) for address in addresses(data)}
    assert ("https://assure.ameli.fr/", "teleservices.yml", True) in found
    assert ("https://www.caf.fr/", "organismes.yml", True) in found
    assert ("https://www.ameli.fr/assure", "ma_carte.yml", True) in found
    assert ("https://www.ameli.fr/franchises", "montants.yml", False) in found
