"""kill -9 at random instants: what was acknowledged is there, once, with its reply; nothing has its effect twice."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from sqlalchemy import select

from guichet.store import open_store
from guichet.store.tables import Addition, Case, Handoff, Outbox
from tests.faults.rig import Caller, exchanges, until
from tests.postgres import fresh_database

LETTERS = str.maketrans("0123456789", "bcdfghjklm")  # in figures, some would be an emergency number: «question 1-15»


class Load:
    """People who talk all the time, each in a conversation; one message in four is the form of a hand-off."""

    def __init__(self, url: str, people: int) -> None:
        self.callers = [Caller(url) for _ in range(people)]
        self.summaries: list[str] = []
        self.failures: list[BaseException] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._talk, args=(n, caller)) for n, caller in enumerate(self.callers)]
        for thread in self._threads:
            thread.start()

    def _talk(self, person: int, caller: Caller) -> None:
        try:
            n = 0
            while not self._over.is_set():
                n += 1
                name = f"{person}{n}".translate(LETTERS)
                if n % 4 != 2:
                    caller.insists(f"question {name}")
                else:
                    self.summaries.append(f"demande {name}")
                    caller.hands_off(self.summaries[-1])
                time.sleep(0.01)
        except BaseException as failure:  # told by the test, not by the thread
            self.failures.append(failure)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(600)
        assert not self.failures, self.failures


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_web_process_killed_under_load(rig, many, chance, tell, engine):
    if engine == "postgresql":
        with fresh_database() as database:
            _kill_web(rig("stand_in", "web", database=database), many(50, 3), chance, tell, engine)
    else:
        _kill_web(rig("stand_in", "web"), many(100, 4), chance, tell, engine)


def _kill_web(service, kills, chance, tell, engine):
    load = Load(service.web, people=4)
    try:
        for _ in range(kills):
            until(lambda: service.answers("web"), 60, "the web process is back")
            time.sleep(chance.uniform(0.0, 1.0))
            service.kill("web")
        until(lambda: service.answers("web"), 60, "the web process is back")
    finally:
        load.end()
    lost = doubled = said_in_all = 0
    unanswered: list[tuple[str, list[str]]] = []
    for caller in load.callers:
        messages = caller.waits()
        assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
        told = exchanges(messages)
        said = Counter(text for text, _ in told)
        questions = [text for text in caller.acknowledged if text.startswith("question")]
        said_in_all += len(questions)
        lost += sum(said[text] == 0 for text in questions)
        doubled += sum(said[text] > 1 for text in questions)
        asked = [(text, answers) for text, answers in told if text.startswith("question")]
        unanswered += [(text, answers) for text, answers in asked if answers != [f"Réponse à {text}"]]
    runs = Counter(text for text in service.runs() if text.startswith("question"))
    run_twice = sum(count > 1 for count in runs.values())
    with_additions = _summaries(service.database)
    forms_lost, forms_twice = set(load.summaries) - set(with_additions), sum(n > 1 for n in with_additions.values())
    tell(
        f"{engine}: web process killed {kills} times; {said_in_all} acknowledged messages: {lost} lost,"
        f" {doubled} stored twice, {run_twice} run twice, {len(unanswered)} without their one reply;"
        f" {len(load.summaries)} forms: {len(forms_lost)} lost, {forms_twice} twice"
    )
    assert (lost, doubled, run_twice) == (0, 0, 0)
    assert unanswered == []
    assert with_additions == Counter(set(load.summaries))
    assert said_in_all >= kills
    assert load.summaries


def _summaries(database: str) -> Counter:
    """Each form that a case or an addition holds, and how often; each has its mail to the counsellors, once."""
    store = open_store(database)
    with store.begin() as session:
        held = [
            *session.scalars(select(Handoff.summary).join(Case, Case.handoff_id == Handoff.id)),
            *session.scalars(select(Handoff.summary).join(Addition, Addition.handoff_id == Handoff.id)),
        ]
        mails = Counter(session.scalars(select(Outbox.handoff_id).where(Outbox.kind == "case")))
        assert len(mails) == len(held)
        assert set(mails.values()) <= {1}
    store.close()
    return Counter(held)
