from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from flovify.common.server import bind
from flovify.sandbox.proxy.connect import HEADER_BYTES, ConnectProxy, open_proxy
from tests.integration.sandbox_tls.edges import edges
from tests.support.wait import until

CONNECT = b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: graph.microsoft.com:443\r\n\r\n"


async def _exchange(port: int, sent: bytes, *, eof: bool = False) -> bytes:
    """All that the proxy answers, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        if eof:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def _upper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An upstream that answers only when its client has said all."""
    data = await reader.read()
    writer.write(data.upper())
    await writer.drain()
    writer.close()


@asynccontextmanager
async def _proxy_to_upper() -> AsyncIterator[tuple[int, ConnectProxy]]:
    upstream = await asyncio.start_server(_upper, "127.0.0.1", 0)
    sock = bind("127.0.0.1", 0, "PORT")
    async with upstream, open_proxy(sock, upstream.sockets[0].getsockname()[:2]) as proxy:
        yield sock.getsockname()[1], proxy


@pytest.mark.parametrize("host", ["www.microsoft.com:443", "example.com:443", "127.0.0.1:22"])
async def test_other_hosts_are_refused_with_the_reason(tmp_path: Path, host: str) -> None:
    async with edges(tmp_path) as made:
        answer = await _exchange(made.settings.flovify_sandbox_proxy_port, f"CONNECT {host} HTTP/1.1\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 ")
    assert b"login.microsoftonline.com:443" in body


async def test_plain_http_through_the_proxy_is_refused(tmp_path: Path) -> None:
    async with (
        edges(tmp_path) as made,
        aiohttp.ClientSession() as session,
        session.get("http://graph.microsoft.com/v1.0/me", proxy=made.proxy) as answer,
    ):
        assert answer.status == 403
        assert "only does CONNECT" in await answer.text()


async def test_a_client_that_ends_its_side_still_gets_the_whole_answer() -> None:
    async with _proxy_to_upper() as (port, _proxy):
        answer = await _exchange(port, CONNECT + b"sent along with the request" * 50_000, eof=True)
    assert answer.partition(b"\r\n\r\n")[2] == b"SENT ALONG WITH THE REQUEST" * 50_000


async def test_a_head_that_is_too_long_is_refused() -> None:
    async with _proxy_to_upper() as (port, _proxy):
        answer = await _exchange(port, b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\nX: " + b"x" * (2 * HEADER_BYTES))
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_client_that_never_finishes_its_head_is_sent_away() -> None:
    proxy = ConnectProxy(("127.0.0.1", 1), header_seconds=0.1)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    async with server:
        answer = await _exchange(server.sockets[0].getsockname()[1], b"CONNECT graph.micro")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_an_upstream_that_is_away_is_a_bad_gateway() -> None:
    closed = bind("127.0.0.1", 0, "PORT")
    address = closed.getsockname()[:2]
    closed.close()
    sock = bind("127.0.0.1", 0, "PORT")
    async with open_proxy(sock, address):
        assert (await _exchange(sock.getsockname()[1], CONNECT)).startswith(b"HTTP/1.1 502 ")


async def test_clients_that_break_off_leave_no_tunnel_behind() -> None:
    async with _proxy_to_upper() as (port, proxy):
        for _ in range(20):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CONNECT + b"half")
            await writer.drain()
            writer.transport.abort()
        await until(lambda: not proxy._open, 10, "the end of all tunnels")


@pytest.mark.parametrize("tunnels", [20, pytest.param(100, marks=pytest.mark.nightly)])
async def test_many_tunnels_at_once_all_get_their_own_answer(tmp_path: Path, tunnels: int) -> None:
    async with edges(tmp_path) as made:
        context = ssl.create_default_context(cafile=str(made.ca))
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def one(number: int) -> int:
                url = f"https://graph.microsoft.com/{number}"
                body = bytes(number * 1000)
                async with session.post(url, data=body, ssl=context, proxy=made.proxy) as answer:
                    seen = await answer.json()
                assert seen["url"] == url
                return int(seen["bytes"])

            assert await asyncio.gather(*map(one, range(tunnels))) == [number * 1000 for number in range(tunnels)]
