from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from flovify.common.bodies import BodyTooLarge, BodyTooSlow, Disconnected, check_length, read_body

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
