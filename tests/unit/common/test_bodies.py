from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from flovify.common.bodies import BodyLimit, BodyTooLarge, BodyTooSlow, Disconnected, check_length, read_body

GONE: Message = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def sender(messages: Iterable[Message]) -> Receive:
    """Gives the messages one by one, and then nothing any more."""
    left = iter(messages)

    async def receive() -> Message:
        found = next(left, None)
        if found is None:
            await asyncio.Event().wait()
        assert found is not None
        return found

    return receive


@pytest.mark.parametrize("parts", [[b"whole"], [b"wh", b"o", b"le"], [b"whole", b""]])
async def test_a_body_within_the_cap_comes_whole(parts: list[bytes]) -> None:
    messages = [part(body) for body in parts[:-1]] + [part(parts[-1], more=False)]
    assert await read_body(sender(messages), 5) == b"whole"


@pytest.mark.parametrize("messages", [[part(b"x" * 6, more=False)], [part(b"xxx"), part(b"xxx")]])
async def test_what_is_longer_is_refused_as_soon_as_it_is(messages: list[Message]) -> None:
    with pytest.raises(BodyTooLarge):
        await read_body(sender(messages), 5)


async def test_a_trickled_body_ends_at_the_deadline_and_a_broken_one_at_once() -> None:
    with pytest.raises(BodyTooSlow):
        await read_body(sender([part(b"x")]), 5, 0.01)
    with pytest.raises(Disconnected):
        await read_body(sender([part(b"x"), GONE]), 5)
    with pytest.raises(Disconnected):
        await read_body(sender([GONE]), 5)


@pytest.mark.parametrize(("declared", "fits"), [(b"5", True), (b"6", False), (b"-1", False), (b"9" * 400, False)])
def test_the_declared_length_is_believed_when_it_is_too_long(declared: bytes, fits: bool) -> None:
    scope = {"headers": [(b"content-length", declared)]}
    if fits:
        check_length(scope, 5)
        return
    with pytest.raises(BodyTooLarge):
        check_length(scope, 5)


async def _through(headers: list[tuple[bytes, bytes]], messages: list[Message]) -> tuple[list[Any], list[bytes]]:
    """What the client got, and what the application behind read."""
    got: list[Any] = []
    read: list[bytes] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        read.append((await receive())["body"])
        assert await receive() == GONE

    async def send(message: Message) -> None:
        got.append(message)

    await BodyLimit(app, 5, 0.01)({"type": "http", "headers": headers}, sender(messages), send)
    return got, read


async def test_the_application_gets_the_body_at_once_and_hears_when_the_client_goes() -> None:
    assert await _through([], [part(b"ab"), part(b"c", more=False), GONE]) == ([], [b"abc"])


@pytest.mark.parametrize(
    ("headers", "messages", "status"),
    [
        ([(b"content-length", b"6")], [], 413),
        ([], [part(b"xxx"), part(b"xxx", more=False)], 413),
        ([], [part(b"x")], 408),
    ],
)
async def test_what_does_not_fit_never_reaches_the_application(
    headers: list[tuple[bytes, bytes]], messages: list[Message], status: int
) -> None:
    got, read = await _through(headers, messages)
    assert (got[0]["status"], read) == (status, [])
    assert (b"connection", b"close") in got[0]["headers"]


async def test_of_a_client_that_left_nothing_is_heard() -> None:
    assert await _through([], [part(b"x"), GONE]) == ([], [])


@pytest.mark.parametrize(
    ("path", "length", "status"), [("/long", 9, 200), ("/long", 10, 413), ("/long/more", 6, 413), ("/other", 6, 413)]
)
async def test_a_path_may_have_a_cap_of_its_own(path: str, length: int, status: int) -> None:
    got: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        got.append(message)

    limit = BodyLimit(app, 5, by_path={"/long": 9})
    scope = {"type": "http", "path": path, "headers": []}
    await limit(scope, sender([part(b"x" * length, more=False)]), send)
    assert got[0]["status"] == status
