"""How often one may try a password."""

from __future__ import annotations

from console import throttle
from console.throttle import Throttle
from tests.console.builders import Clock


def tries(limit: Throttle, count: int, login: str = "camille", address: str = "203.0.113.7") -> list[int]:
    return [limit.wait(login, address) for _ in range(count)]


def test_five_tries_are_free_then_each_waits_longer():
    clock = Clock()
    limit = Throttle(clock)
    assert tries(limit, 5) == [0] * 5
    waits = []
    for _ in range(7):
        waits.append(limit.wait("camille", "203.0.113.7"))
        clock.forward(seconds=waits[-1])
        assert tries(limit, 1) == [0]
    assert waits == [15, 30, 60, 120, 300, 300, 300]


def test_asking_again_while_waiting_does_not_lengthen_the_wait():
    clock = Clock()
    limit = Throttle(clock)
    tries(limit, 5)
    clock.forward(seconds=10)
    assert tries(limit, 100) == [5] * 100


def test_another_login_or_another_address_is_another_count():
    limit = Throttle(Clock())
    tries(limit, 6)
    assert tries(limit, 1, login="dominique") == [0]
    assert tries(limit, 1, address="203.0.113.8") == [0]


def test_addresses_of_one_ipv6_subscriber_are_one():
    limit = Throttle(Clock())
    assert [limit.wait("camille", f"[2001:db8::{n:x}]") for n in range(6)] == [0] * 5 + [15]
    assert limit.wait("camille", "2001:db8:0:1::1") == 0


def test_half_an_hour_without_a_try_forgets():
    clock = Clock()
    limit = Throttle(clock)
    tries(limit, 6)
    clock.forward(minutes=30)
    assert tries(limit, 5) == [0] * 5


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(throttle, "PAIRS", 10)
    limit = Throttle(Clock())
    for n in range(100):
        limit.wait(f"login{n}", "203.0.113.7")
    assert len(limit._pairs) == 10
