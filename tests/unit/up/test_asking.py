"""The supervisor's own small GET, against a listener that answers whatever a row says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flovify.cli.up.asking import MAX_ANSWER_BYTES, answers, get
from tests.support.net import free_port


@asynccontextmanager
async def answering(text: bytes, *, silent: bool = False) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(text)
        if silent:
            await reader.read()
        writer.close()

    asked: list[bytes] = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}/ready"
    assert asked[0].split(b"\r\n")[:2] == [b"GET /ready HTTP/1.0", f"Host: 127.0.0.1:{port}".encode()]


async def test_an_answer_is_its_status_and_its_body() -> None:
    async with answering(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a": "b\r\n\r\nc"}') as url:
        assert await get(url, 5) == (200, b'{"a": "b\r\n\r\nc"}')


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 200\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", False),
        (b"220 mail.example ESMTP\r\n", False),
        (b"HTTP/1.1 OK\r\n\r\n", False),
        (b"", False),
    ],
)
async def test_a_process_is_well_when_it_answers_200_and_in_no_other_case(text: bytes, good: bool) -> None:
    async with answering(text) as url:
        assert await answers(url, 5) is good


async def test_who_takes_too_long_does_not_answer() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n", silent=True) as url:
        assert not await answers(url, 0.05)


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * MAX_ANSWER_BYTES) as url:
        with pytest.raises(ValueError, match="answers more than"):
            await get(url, 5)


async def test_nobody_there_is_no_answer() -> None:
    assert not await answers(f"http://127.0.0.1:{free_port()}/ready", 5)
