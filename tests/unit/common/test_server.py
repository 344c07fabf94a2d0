"""A server with nothing to do sleeps, and wakes for its end at once."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette

from flovify.common import server
from flovify.common.listener.limits import Limits
from flovify.common.pace import wait
from tests.support.wait import until


async def test_an_idle_server_looks_at_nothing_between_two_ticks_and_ends_without_waiting_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_TICK_SECONDS", 3600)
    ticks, waits = list[int](), list[float]()
    made = server.create_server(Starlette(), 1, Limits())
    tick = made.on_tick

    async def noted_tick(counter: int) -> bool:
        ticks.append(counter)
        return await tick(counter)

    async def noted_wait(event: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)
        await wait(event, seconds)

    monkeypatch.setattr(made, "on_tick", noted_tick)
    monkeypatch.setattr(server, "wait", noted_wait)
    running = asyncio.create_task(made.serve(sockets=[server.bind("127.0.0.1", 0)]))
    await until(lambda: ticks, what="the first tick", poll=0.01)
    assert not made.should_exit
    made.should_exit = True
    await asyncio.wait_for(running, 5)
    assert (ticks, waits) == ([0, 0], [3600]), "one at the start, one at the end, and nothing between them"


async def test_the_date_of_the_answers_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_TICK_SECONDS", 0.01)
    made = server.create_server(Starlette(), 1, Limits())
    running = asyncio.create_task(made.serve(sockets=[server.bind("127.0.0.1", 0)]))
    await until(lambda: made.server_state.default_headers, what="a date", poll=0.01)
    made.server_state.default_headers = []
    await until(lambda: made.server_state.default_headers, what="the next date", poll=0.01)
    made.should_exit = True
    await asyncio.wait_for(running, 5)
