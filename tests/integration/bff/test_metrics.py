"""What the front door counts, on a listener of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web

from tests.integration.bff.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATH = "/api/ms365/webhook"
SAMPLE = re.compile(r"^(flovify_front\w+(?:\{.*\})?) (\S+)$", re.MULTILINE)


async def _counted(door: Door) -> dict[str, float]:
    async with door.http.get(f"http://127.0.0.1:{door.internal_port}/metrics") as answer:
        assert answer.status == 200
        return {name: float(value) for name, value in SAMPLE.findall(await answer.text())}


async def _post(door: Door) -> int:
    async with door.http.post(f"{door.url}{PATH}", json={}) as answer:
        return answer.status


async def test_answers_to_microsoft_are_counted_as_it_sees_them(door: Door) -> None:
    async def accept(_request: Any) -> web.Response:
        return web.Response(status=202)

    door.api.answers[PATH] = accept
    before = await _counted(door)
    assert before['flovify_front_webhook_answers_total{status="503"}'] >= 0, "there before the first one"
    assert await _post(door) == 202
    async with door.api.away():
        assert await _post(door) == 503
    after = await _counted(door)
    risen = {name: after[name] - before.get(name, 0.0) for name in after}
    assert risen['flovify_front_webhook_answers_total{status="202"}'] == 1
    assert risen['flovify_front_webhook_answers_total{status="503"}'] == 1
    assert risen["flovify_front_webhook_answer_seconds_count"] == 2
    for limit in ("3.0", "10.0", "+Inf"):
        assert risen[f'flovify_front_webhook_answer_seconds_bucket{{le="{limit}"}}'] == 2


async def test_other_answers_are_counted_by_status(door: Door) -> None:
    before = await _counted(door)
    await door.call("GET", "/bff/health")
    await door.call("GET", "/bff/nothing")
    after = await _counted(door)
    name = 'flovify_front_requests_total{status="404"}'
    assert after[name] - before.get(name, 0.0) == 1


async def test_the_inner_listener_serves_nothing_else(door: Door) -> None:
    for path in ("/", "/bff/session", PATH, "/bff/api/messages"):
        async with door.http.get(f"http://127.0.0.1:{door.internal_port}{path}") as answer:
            assert answer.status == 404
    async with door.http.get(f"http://127.0.0.1:{door.internal_port}/bff/health") as answer:
        assert answer.status == 200
