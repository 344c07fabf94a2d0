from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from flovify.common.settings import SettingError
from flovify.sandbox.tls.ca import load_or_create
from flovify.sandbox.tls.contexts import client_context
from flovify.sandbox.tls.edges import open_edges
from tests.integration.sandbox_tls.edges import TinyClouds, edges, settings


def _strict(ca: Path) -> ssl.SSLContext:
    """What Python 3.13 does by default."""
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_the_application_answers_over_https_under_strict_verification(tmp_path: Path, host: str) -> None:
    async with edges(tmp_path) as made, aiohttp.ClientSession() as session:
        url = f"https://{host}:{made.settings.flovify_sandbox_tls_port}/v1.0/me?a=b"
        async with session.get(url, ssl=_strict(made.ca)) as answer:
            assert (await answer.json())["url"] == url


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "graph.microsoft.com"])
async def test_the_proxy_shows_microsofts_name_and_passes_the_host_header_on(tmp_path: Path, host: str) -> None:
    async with edges(tmp_path) as made, aiohttp.ClientSession() as session:
        url = f"https://{host}/common/v2.0/.well-known/openid-configuration"
        async with session.get(url, ssl=_strict(made.ca), proxy=made.proxy) as answer:
            seen = await answer.json()
    assert seen["url"] == url
    assert seen["host"] == host


async def test_a_client_that_does_not_trust_the_ca_is_not_served(tmp_path: Path) -> None:
    async with edges(tmp_path) as made, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://localhost:{made.settings.flovify_sandbox_tls_port}/")


@asynccontextmanager
async def _server_with_a_leaf_for(folder: Path, name: str) -> AsyncIterator[int]:
    pem = folder / "leaf.pem"
    pem.write_bytes(load_or_create(folder / "sandbox").issue([name]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _connect(folder: Path, port: int, name: str) -> None:
    context = _strict(folder / "sandbox" / "ca.pem")
    _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    writer.close()
    await writer.wait_closed()


async def test_a_certificate_of_this_ca_for_a_permitted_name_is_accepted(tmp_path: Path) -> None:
    async with _server_with_a_leaf_for(tmp_path, "graph.microsoft.com") as port:
        await _connect(tmp_path, port, "graph.microsoft.com")


@pytest.mark.parametrize("name", ["www.microsoft.com", "example.com", "microsoft.com", "10.0.0.1"])
async def test_a_certificate_of_this_ca_for_any_other_name_is_worthless(tmp_path: Path, name: str) -> None:
    async with _server_with_a_leaf_for(tmp_path, name) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            await _connect(tmp_path, port, name)


async def test_the_clients_context_trusts_the_sandboxs_own_ca(tmp_path: Path) -> None:
    async with edges(tmp_path) as made, aiohttp.ClientSession() as session:
        url = f"https://localhost:{made.settings.flovify_sandbox_tls_port}/notify"
        async with session.post(url, data=b"x" * 100, ssl=client_context(tmp_path / "sandbox")) as answer:
            assert json.loads(await answer.read())["bytes"] == 100


@pytest.mark.parametrize("name", ["tls", "proxy", "smtp"])
async def test_a_taken_port_is_refused_by_its_settings_name_and_nothing_stays_open(tmp_path: Path, name: str) -> None:
    wanted = settings(tmp_path)
    field = f"flovify_sandbox_{name}_port"
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", getattr(wanted, field))
    async with server:
        with pytest.raises(SettingError, match=f"{field.upper()}: cannot listen"):
            async with open_edges(TinyClouds(), wanted):
                raise AssertionError("the edges opened on a taken port")
    async with open_edges(TinyClouds(), wanted):
        pass
