from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.common import correlation
from flovify.common.correlation import CorrelationMiddleware
from flovify.common.errors import NotFound
from flovify.common.problems import problem_response


async def ask(
    headers: list[tuple[bytes, bytes]], answer: list[tuple[bytes, bytes]] | None = None
) -> tuple[list[str], str]:
    """(the ids in the answer's headers, the id the application saw)."""
    seen: list[str] = []
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        seen.append(correlation.current() or "")
        await send({"type": "http.response.start", "status": 200, "headers": answer or []})

    async def send(message: Any) -> None:
        sent.append(message)

    await CorrelationMiddleware(app)({"type": "http", "headers": headers}, None, send)
    assert correlation.current() is None, "it ends with the request"
    found = [value.decode() for name, value in sent[0]["headers"] if name.lower() == b"x-correlation-id"]
    return found, seen[0]


async def test_a_request_without_an_id_gets_one() -> None:
    first, seen = await ask([])
    assert first == [seen]
    assert str(uuid.UUID(seen)) == seen
    assert (await ask([]))[0] != first


async def test_the_callers_own_id_is_kept() -> None:
    assert await ask([(b"x-correlation-id", b"trace-0123.4_5")]) == (["trace-0123.4_5"], "trace-0123.4_5")


@pytest.mark.parametrize(
    "value", [b"short", b"x" * 65, b"with space", b"new\nline-1234", b"<script>alert", b"\xff" * 12]
)
async def test_an_id_that_could_do_harm_is_replaced(value: bytes) -> None:
    found, seen = await ask([(b"x-correlation-id", value)])
    assert found == [seen]
    assert str(uuid.UUID(seen)) == seen


async def test_two_ids_are_none_and_an_answers_own_is_replaced() -> None:
    found, seen = await ask(
        [(b"x-correlation-id", b"one-0000000"), (b"x-correlation-id", b"two-0000000")],
        [(b"X-Correlation-Id", b"from-elsewhere")],
    )
    assert found == [seen]
    assert str(uuid.UUID(seen)) == seen


def test_an_error_outside_of_a_request_names_none() -> None:
    assert b"correlation_id" not in bytes(problem_response(NotFound("x")).body)


async def test_a_request_s_id_is_an_event_s_where_it_can_be() -> None:
    assert correlation.current_uuid().version == 7, "a new one outside of a request"
    with correlation.working_on("0f1e2d3c-0000-4000-8000-000000000002"):
        assert str(correlation.current_uuid()) == correlation.current() == "0f1e2d3c-0000-4000-8000-000000000002"
    with correlation.working_on("trace-0123.4_5"):
        assert correlation.current_uuid().version == 7
    assert correlation.current() is None
