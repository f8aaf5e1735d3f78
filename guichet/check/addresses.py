"""`guichet check --links`: opens every external address of the content. Needs internet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from guichet.check.files import Corpus, Draft, File, read_corpus
from guichet.check.finding import ERROR, WARNING, Finding

__all__ = ["Address", "addresses", "open_client", "try_addresses"]

AT_ONCE = 5
TIME_LIMIT = 15.0  # seconds for one address, redirections included
GONE = {404, 410}
UNWELCOME = {401, 403, 405, 406, 429}  # sites that refuse programs
URL = re.compile(r"https?://[^\s\"',;}\])]+")


@dataclass(frozen=True)
class Address:
    """An external address and where it is written. `shown`: people can open it; else it only backs a fact."""

    url: str
    path: Path
    line: int
    shown: bool


def addresses(data: Path) -> list[Address]:
    """Every external address of the content, in the order of the files."""
    corpus = read_corpus(data)
    return [*_of_registries(corpus), *(address for draft in corpus.drafts for address in _of_draft(draft))]


def open_client() -> httpx.AsyncClient:
    """The client that opens addresses as a browser would."""
    return httpx.AsyncClient(
        follow_redirects=True,
        max_redirects=8,
        timeout=TIME_LIMIT,
        headers={"User-Agent": "Mozilla/5.0 (guichet check)"},
    )


async def try_addresses(
    wanted: Sequence[Address],
    client: httpx.AsyncClient,
    tell: Callable[[int, int], None] = lambda done, total: None,
    limit: float = TIME_LIMIT,
) -> list[Finding]:
    """Open each distinct address once, a few at a time; `tell(done, total)` after each. `limit` in seconds."""
    places: dict[str, list[Address]] = {}
    for address in wanted:
        places.setdefault(address.url, []).append(address)
    gate, done, found = asyncio.Semaphore(AT_ONCE), 0, []

    async def visit(url: str) -> None:
        nonlocal done
        async with gate:
            verdict = await _visit(client, url, limit)
        done += 1
        tell(done, len(places))
        if verdict:
            found.extend(_finding(address, *verdict) for address in places[url])

    await asyncio.gather(*(visit(url) for url in places))
    return sorted(found)


async def _visit(client: httpx.AsyncClient, url: str, limit: float) -> tuple[str, str, str] | None:
    """(level, what, remedy) of an address that does not open well; only the head of the page is read."""
    by_hand = "ouvrez-la dans un navigateur ; si elle marche, il n'y a rien à changer."
    try:
        async with asyncio.timeout(limit), client.stream("GET", url) as reply:
            code, final, moves = reply.status_code, reply.url, reply.history
    except (TimeoutError, httpx.TimeoutException):
        return WARNING, f"pas de réponse en {limit:g} s : {url}", by_hand
    except httpx.TooManyRedirects:
        return WARNING, f"l'adresse renvoie sans fin à une autre : {url}", by_hand
    except httpx.HTTPError as error:
        return WARNING, f"l'adresse ne s'ouvre pas ({type(error).__name__}) : {url}", by_hand
    if code in GONE:
        return ERROR, f"la page n'existe plus ({code}) : {url}", "cherchez la nouvelle page sur le même site."
    if code in UNWELCOME:
        return WARNING, f"le site refuse d'être ouvert par un programme ({code}) : {url}", by_hand
    if code >= 400:
        return WARNING, f"le site a répondu par une erreur ({code}) : {url}", "réessayez plus tard."
    if moves and urlsplit(url).path.strip("/") and not final.path.strip("/"):
        remedy = "la page a sans doute été supprimée : cherchez la nouvelle."
        return WARNING, f"l'adresse renvoie à la page d'accueil : {url}", remedy
    if any(move.status_code in (301, 308) for move in moves):
        return WARNING, f"la page a changé d'adresse : {url}", f"écrivez {final}"
    return None


def _finding(address: Address, level: str, what: str, remedy: str) -> Finding:
    level = level if address.shown else WARNING
    consequence = "les gens arrivent sur une page d'erreur." if address.shown else "le fait n'a plus de preuve."
    return Finding(address.path, address.line, level, "lien", f"{what}.", consequence, remedy)


def _of_registries(corpus: Corpus) -> Iterator[Address]:
    for registry, key, shown in (
        ("teleservices", "url", True),
        ("organismes", "url", True),
        ("montants", "source", False),
    ):
        file = corpus.registries[registry]
        for name, row in file.entries.items():
            for url in URL.findall(str(row.get(key) or "")) if isinstance(row, dict) else ():
                yield Address(url, file.shown, file.line_of_key(registry, name, key), shown)


def _of_draft(draft: Draft) -> Iterator[Address]:
    source = str(draft.metadata.get("source") or "")
    if URL.fullmatch(source):
        yield Address(source, draft.shown, draft.line_of_key("source"), True)
    for proof in draft.metadata.get("preuves") or ():
        for url in URL.findall(str(proof.get("source") or "")) if isinstance(proof, dict) else ():
            yield Address(url, draft.shown, _line_of_proof(draft, url), False)


def _line_of_proof(file: File, url: str) -> int:
    return file.line_of(url, file.line_of_key("preuves"))
