"""The inbox with 50,000 cases: how long the list, its filters and its searches take, on each engine (issue 9).

Beside them, what supervisors and authors read of 90 days with 100,000 messages.

`make bench-inbox` writes bench/inbox.md. Times are those of the store's functions, which is all that grows with the
number of cases; the page around them is the same 25 rows whatever their number.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from bench.machine import machine
from guichet.content import Content, load_content
from guichet.store import Store, figures, inbox, migrate, open_store
from guichet.store.inbox import Filter
from guichet.store.tables import Base, Case, CaseEvent, Conversation, Handoff, Message, Outbox, Turn

HERE = Path(__file__).parent
NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
LIMIT = 100.0  # ms, p95, of a list or a search
MESSAGES, DAYS = 100_000, 90  # of conversations, for the pages of figures
OPEN = 0.03  # share of the cases
BATCH = 2000
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TALK = [
    {"seq": n, "from": "user" if n % 2 else "bot", "kind": "answer", "theme": None, "at": NOW.isoformat(),
     "text": "Une réponse comme le bot en donne, avec ses liens et ses précisions. " * 4}
    for n in range(12)
]  # fmt: skip


def fill(store: Store, content: Content, count: int, drawn: random.Random) -> list[str]:
    """A believable year: 3 of 100 cases are open, half of those taken; returns the references."""
    themes = [*content.themes, None]
    caisses = [caisse.id for caisse in content.caisses]
    references: list[str] = []
    for start in range(0, count, BATCH):
        rows: dict[type[Base], list[dict[str, Any]]] = {Handoff: [], Case: [], CaseEvent: [], Outbox: []}
        for n in range(start + 1, min(start + BATCH, count) + 1):
            letters = "".join(drawn.choices(ALPHABET, k=8))
            at = NOW - timedelta(minutes=drawn.randrange(365 * 1440))
            is_open = drawn.random() < OPEN
            handoff_id = str(UUID(int=drawn.getrandbits(128)))
            references.append(f"{letters[:4]}-{letters[4:]}")
            rows[Handoff].append(
                dict(id=handoff_id, conversation_id=handoff_id, contact="x" * 200, departement="49", verified=False,
                     mailbox=f"{drawn.randrange(count // 2):064x}", summary="Un résumé. " * 10, consent_at=at)
            )  # fmt: skip
            rows[Case].append(
                dict(id=n, reference=references[-1], handoff_id=handoff_id, caisse=drawn.choice(caisses),
                     theme=drawn.choice(themes), state="open" if is_open else "closed", transcript=TALK, created_at=at,
                     version=0 if is_open else 1, assignee=drawn.choice(["camille", "sacha", None, None]),
                     closed_at=None if is_open else at + timedelta(hours=drawn.randrange(1, 72)),
                     reason=None if is_open else "other")
            )  # fmt: skip
            if not is_open:
                rows[CaseEvent].append(
                    dict(case_id=n, version=1, at=at, who="camille", kind="closed", detail="other", text=None)
                )
            for kind in ("case", "receipt"):
                rows[Outbox].append(
                    dict(case_id=n, handoff_id=handoff_id, kind=kind, event=0, attempts=1, due_at=at, created_at=at,
                         state="dead" if drawn.random() < 0.002 else "sent",
                         message_id=str(UUID(int=drawn.getrandbits(128))))
                )  # fmt: skip
        with store.begin() as session:
            for table, values in rows.items():
                if values:
                    session.execute(insert(table), values)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if store.skips_locked else "ANALYZE"))  # as autovacuum does
    return references


def fill_conversations(store: Store, theme_ids: list[str]) -> None:
    """MESSAGES messages over DAYS days: two a turn, five turns a conversation, every outcome and verdict."""
    count = MESSAGES // 2
    outcomes, verdicts = ("answered", "answered", "failed", "clarified", "talk"), (None, "yes", "no", "more")
    rows: dict[type[Base], list[dict[str, Any]]] = {Conversation: [], Turn: [], Message: []}
    for n in range(count):
        at, talk = NOW - timedelta(minutes=n * DAYS * 1440 / count), f"c{n // 5}"
        if n % 5 == 0:
            rows[Conversation].append(dict(id=talk, token_hash=talk, created_at=at, expires_at=at, last_seq=9))
        outcome, theme = outcomes[n % 5], theme_ids[n % len(theme_ids)]
        evidence = {"intent": theme, "ranking": [{"name": theme, "confidence": 0.5}] * 10, "reason": "x" * 200}
        rows[Turn].append(
            dict(id=n + 1, conversation_id=talk, message_id=str(n), status="done", request={"text": "x"},
                 decision=evidence, created_at=at, finished_at=at, theme=theme, outcome=outcome,
                 intent="nlu_fallback" if outcome == "failed" else theme, verdict=verdicts[n % 4])
        )  # fmt: skip
        rows[Message] += [
            dict(conversation_id=talk, seq=2 * n + k, turn_id=n + 1, sender=sender, offers={}, created_at=at,
                 body={"kind": "answer", "theme": theme, "text": "mot " * 40})
            for k, sender in enumerate(("user", "bot"))
        ]  # fmt: skip
    with store.begin() as session:
        for table, values in rows.items():
            for start in range(0, len(values), BATCH):
                session.execute(insert(table), values[start : start + BATCH])


def questions(store: Store, content: Content, references: list[str]) -> dict[str, Callable[[random.Random], Any]]:
    """What an agent asks, each with something else every time."""
    caisses = [caisse.id for caisse in content.caisses]
    themes = list(content.themes)

    def ask(wanted: Filter, *, scope: frozenset[str] | None = None, page: int = 1) -> Any:
        return inbox.cases(store, scope, wanted, page=page, per_page=25)

    every = Filter(state="")
    return {
        "liste à traiter": lambda _: ask(Filter()),
        "liste à traiter, 3 caisses": lambda r: ask(Filter(), scope=frozenset(r.sample(caisses, 3))),
        "tous les dossiers": lambda _: ask(every),
        "tous, une page au hasard": lambda r: ask(every, page=r.randrange(1, len(references) // 25)),
        "tous, 3 caisses": lambda r: ask(every, scope=frozenset(r.sample(caisses, 3))),
        "clos": lambda _: ask(Filter(state="closed")),
        "une caisse": lambda r: ask(replace(every, caisse=r.choice(caisses))),
        "un thème": lambda r: ask(replace(every, theme=r.choice(themes))),
        "mes dossiers": lambda _: ask(Filter(assignee="camille")),
        "sans conseiller": lambda _: ask(Filter(assignee=None)),
        "reçus depuis plus de 3 jours": lambda _: ask(Filter(before=NOW - timedelta(days=3))),
        "mail en échec": lambda _: ask(Filter(failed=True)),
        "recherche : référence": lambda r: ask(replace(every, searched=True, reference=r.choice(references))),
        "recherche : début de référence": lambda r: ask(
            replace(every, searched=True, reference=r.choice(references)[:3])
        ),
        "recherche : mots d’un sujet": lambda r: ask(
            replace(every, searched=True, themes=tuple(r.sample(themes, 5)))
        ),
        "recherche : adresse": lambda r: ask(
            replace(every, mailbox=f"{r.randrange(len(references) // 2):064x}")
        ),
        "page d’un dossier": lambda r: inbox.case(store, None, r.choice(references)),
    }  # fmt: skip


def figures_of(store: Store) -> dict[str, Callable[[random.Random], Any]]:
    """The two pages of figures."""
    since = NOW - timedelta(days=DAYS)

    def authors_page(_: random.Random) -> None:
        figures.unanswered(store, since)
        figures.unanswered_themes(store, since)

    return {
        "tableau de bord, 90 jours": lambda _: figures.figures(store, since, NOW + timedelta(days=1)),
        "page des auteurs, 90 jours": authors_page,
    }


def measure(ask: Callable[[random.Random], Any], times: int) -> tuple[float, float]:
    """(p50, p95) in milliseconds."""
    drawn = random.Random(9)
    ask(drawn)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask(drawn)
        taken.append((time.perf_counter() - start) * 1000)
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    return statistics.median(taken), cuts[18]


@contextmanager
def databases(names: list[str]) -> Iterator[dict[str, str]]:
    """An empty database of each engine."""
    from tests.postgres import fresh_database

    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": f"sqlite:///{folder}/bench.db"} if "SQLite" in names else {}
        if "PostgreSQL" not in names:
            yield found
            return
        with fresh_database() as url:
            yield found | {"PostgreSQL": url}


def run(count: int, times: int, names: list[str]) -> dict[str, dict[str, tuple[float, float]]]:
    """question -> engine -> (p50, p95)."""
    content = load_content(HERE.parent / "data")
    table: dict[str, dict[str, tuple[float, float]]] = {}
    with databases(names) as urls:
        for engine, url in urls.items():
            store = open_store(url)
            migrate(store)
            references = fill(store, content, count, random.Random(1))
            for question, ask in questions(store, content, references).items():
                table.setdefault(question, {})[engine] = measure(ask, times)
            fill_conversations(store, list(content.themes))
            for question, ask in figures_of(store).items():
                table.setdefault(question, {})[engine] = measure(ask, max(times // 10, 3))
            store.close()
    return table


def is_limited(question: str) -> bool:
    """Whether LIMIT holds for it; the pages of figures read far more than 25 rows."""
    return not question.endswith(f"{DAYS} jours")


def report(table: dict[str, dict[str, tuple[float, float]]], count: int, times: int) -> str:
    """The table in Markdown."""
    engines = list(next(iter(table.values())))
    heads = [f"{engine} {part}" for engine in engines for part in ("p50", "p95")]
    lines = [
        f"# La liste des conseillers avec {count:,} dossiers".replace(",", " "),
        "",
        f"`make bench-inbox` : {times} fois chaque question, en millisecondes. Limite : p95 sous {LIMIT:.0f} ms,",
        f"sauf les deux pages de chiffres, qui lisent {DAYS} jours et {MESSAGES:,} messages.".replace(",", " "),
        "",
        f"Machine : {machine()}",
        "",
        f"| question | {' | '.join(heads)} |",
        f"|---|{'---:|' * len(heads)}",
    ]
    for question, found in table.items():
        cells = [f"{value:.1f}" for engine in engines for value in found[engine]]
        lines.append(f"| {question} | {' | '.join(cells)} |")
    worst = max(p95 for question, found in table.items() if is_limited(question) for _, p95 in found.values())
    return "\n".join([*lines, "", f"La liste ou recherche la plus lente : {worst:.1f} ms (p95).", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--engines", nargs="+", default=["SQLite", "PostgreSQL"])
    asked = parser.parse_args()
    table = run(asked.cases, asked.times, asked.engines)
    told = report(table, asked.cases, asked.times)
    print(told)
    if asked.cases == 50_000 and len(asked.engines) == 2:
        (HERE / "inbox.md").write_text(told, encoding="utf-8")
    slow = [
        question
        for question, found in table.items()
        if is_limited(question) and any(p95 >= LIMIT for _, p95 in found.values())
    ]
    if slow:
        sys.exit(f"Trop lent : {', '.join(slow)}")


if __name__ == "__main__":
    main()
