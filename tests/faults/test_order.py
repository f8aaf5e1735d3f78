"""Repeats and crowds: one turn a message id, and every answer in its order."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.faults.rig import Caller, exchanges


def test_messages_replayed_three_times_from_twenty_threads(rig, many, chance, tell):
    service, messages = rig("stand_in", "web"), many(200, 60)
    callers = [Caller(service.web) for _ in range(5)]
    said = [(callers[n % 5], str(uuid4()), f"question {n}") for n in range(messages)] * 3
    chance.shuffle(said)
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda one: (one[1], one[0].says(one[2], one[1])), said))
    assert {reply.status_code for _, reply in replies} == {200}
    answers: dict[str, set[str]] = {}
    for message_id, reply in replies:
        if reply.json()["turn"]["status"] == "done":
            answers.setdefault(message_id, set()).add(repr(reply.json()["messages"]))
    stored = Counter(text for caller in callers for text, _ in exchanges(caller.waits()))
    runs = Counter(service.runs())
    differ = sum(len(texts) > 1 for texts in answers.values())
    tell(
        f"{messages} messages sent 3 times from 20 threads: {len(stored)} stored, {sum(stored.values())} times;"
        f" {len(runs)} run, {sum(runs.values())} times; {differ} replies differ"
    )
    assert set(stored.values()) == set(runs.values()) == {1}
    assert len(stored) == len(runs) == messages
    assert all(len(texts) == 1 for texts in answers.values())


def test_many_messages_at_once_in_one_conversation(rig, many, tell):
    service, messages = rig("stand_in", "web"), many(200, 60)
    caller = Caller(service.web)
    with ThreadPoolExecutor(messages) as threads:
        replies = list(threads.map(lambda n: caller.says(f"question q{n}"), range(messages)))
    assert {reply.status_code for reply in replies} == {200}
    log = caller.waits()
    assert [message["seq"] for message in log] == list(range(1, len(log) + 1))
    said = [message["text"] for message in log if message["from"] == "user"]
    answered = [message["text"] for message in log if message["kind"] == "answer"]
    in_order = answered == [f"Réponse à {text}" for text in said]
    tell(f"{messages} messages at once in one conversation: {len(answered)} answered, in order: {in_order}")
    assert len(said) == messages
    assert in_order
