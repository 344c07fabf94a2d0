from __future__ import annotations

import asyncio

import pytest

from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.graph.throttle import Limits, Throttle
from tests.unit.sandbox_graph.fakes import APP, OTHER, SALES, Bench, FakeClock


async def test_the_fifth_request_at_once_is_refused() -> None:
    bench = Bench()
    answers = await asyncio.gather(*(bench.call("GET", "/me/messages") for _ in range(6)))
    assert sorted(one.status for one in answers) == [200] * 4 + [429] * 2
    refused = next(one for one in answers if one.status == 429)
    assert refused.headers["Retry-After"] == "1"
    assert (await bench.call("GET", "/me/messages")).status == 200


async def test_another_mailbox_and_another_app_have_slots_of_their_own() -> None:
    bench = Bench()
    other_user = bench.grant(OTHER, "Mail.Read")
    other_app = bench.grant(SALES, "Mail.Read", client_id="22222222-2222-4333-8444-555555555555")
    tokens = [bench.token] * 4 + [other_user] * 4 + [other_app] * 4
    answers = await asyncio.gather(*(bench.call("GET", "/me/messages", token=token) for token in tokens))
    assert {one.status for one in answers} == {200}


def test_ten_thousand_requests_in_ten_minutes_are_enough() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    for _ in range(10_000):
        with throttle.mailbox(APP, "user"):
            pass
    clock.advance(100)
    with pytest.raises(GraphError) as refused, throttle.mailbox(APP, "user"):
        pass
    assert (refused.value.status, refused.value.code) == (429, "TooManyRequests")
    assert refused.value.headers["Retry-After"] == "500"
    clock.advance(501)
    with throttle.mailbox(APP, "user"):
        pass


def test_subscription_lists_are_scarce() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, Limits())
    for _ in range(25):
        throttle.subscriptions(APP, "tenant", "list")
    with pytest.raises(GraphError):
        throttle.subscriptions(APP, "tenant", "list")
    throttle.subscriptions(APP, "tenant", "write")
    throttle.subscriptions(APP, "another tenant", "list")
    clock.advance(21)
    throttle.subscriptions(APP, "tenant", "list")


def test_a_clock_set_back_starts_the_count_anew() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, Limits(subscription_lists=1))
    clock.advance(36_000)
    throttle.subscriptions(APP, "tenant", "list")
    clock.advance(-36_000)
    throttle.subscriptions(APP, "tenant", "list")
    with pytest.raises(GraphError):
        throttle.subscriptions(APP, "tenant", "list")
