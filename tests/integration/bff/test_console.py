from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from flovify.bff.app import create_app
from flovify.bff.deps import BffDeps
from flovify.bff.settings import BffSettings
from flovify.bff.ui.build import read_build
from flovify.common.server import bind, create_server
from flovify.common.settings import load
from tests.support.wait import until

HTML = {"Accept": "text/html"}
SCRIPT = b"console.log('" + b"x" * 2000 + b"')"
PLACES = [
    "/",
    "/setup",
    "/sign-in?return=%2Fmessages",
    "/invitation",
    "/admin/tenants?connected=1",
    "/admin/tenants/6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d",
    "/admin/tenants/6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d/access",
    "/subscriptions",
    "/messages/6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d?tab=trace",
    "/events",
    "/dead-letters",
    "/dead-letters/replays/6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d",
    "/audit",
    "/settings",
    "/settings/users",
    "/sandbox",
]


@dataclass
class Front:
    url: str
    http: aiohttp.ClientSession


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Front]:
    """The front door with a console of this folder; no service stands behind it."""
    async with AsyncExitStack() as stack:
        deps = await BffDeps.open(load(BffSettings, {}), stack, asyncio.Event())
        sock = bind("127.0.0.1", 0)
        server = create_server(create_app(deps, read_build(folder)), 1)
        task = asyncio.create_task(server.serve(sockets=[sock]))
        await until(lambda: server.started, 10, "the server")
        http = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        try:
            yield Front(f"http://127.0.0.1:{sock.getsockname()[1]}", http)
        finally:
            server.should_exit = True
            await task


@pytest_asyncio.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    folder = tmp_path / "console"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<script nonce="__CSP_NONCE__" src="/assets/main-a1.js"></script>')
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets/main-a1.js").write_bytes(SCRIPT)
    (folder / "assets/main-a1.js.br").write_bytes(b"in brotli")
    (folder / "assets/main-a1.js.gz").write_bytes(b"in gzip")
    (folder / "assets/inter.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("not of the console")
    async with serving(folder) as running:
        yield running


async def test_every_address_of_the_console_is_the_page_under_exactly_this_policy(front: Front) -> None:
    for place in PLACES:
        async with front.http.get(front.url + place, headers=HTML) as answer:
            text = await answer.text()
            assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
            assert answer.headers["Cache-Control"] == "no-store"
        (nonce,) = re.findall(r'nonce="([A-Za-z0-9_-]{22})"', text)
        assert answer.headers["Content-Security-Policy"] == (
            f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
            "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )


async def test_the_nonce_is_another_one_in_every_answer(front: Front) -> None:
    policies = set()
    for _ in range(20):
        async with front.http.get(f"{front.url}/") as answer:
            policies.add(answer.headers["Content-Security-Policy"])
    assert len(policies) == 20


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [("gzip, deflate, br", "br", b"in brotli"), ("gzip", "gzip", b"in gzip"), ("identity", None, SCRIPT)],
)
async def test_a_hashed_file_is_kept_for_ever_in_the_best_form(
    front: Front, accepted: str, encoding: str | None, body: bytes
) -> None:
    headers = {"Accept-Encoding": accepted}
    async with front.http.get(f"{front.url}/assets/main-a1.js", headers=headers) as answer:
        assert await answer.read() == body
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_without_a_hash_is_kept_a_while_only(front: Front) -> None:
    async with front.http.get(f"{front.url}/icon.svg") as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    async with front.http.get(f"{front.url}/assets/inter.woff2", headers={"Accept-Encoding": "br"}) as answer:
        assert (answer.headers["Content-Type"], await answer.read()) == ("font/woff2", b"font")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../index.html",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/..\\..\\secret.txt",
        "/assets/main-a1.js.br",
        "/assets/main-a1.js/",
        "/assets/",
        "/assets//main-a1.js",
        "/index.html",
        "/assets/main-a2.js",
    ],
)
async def test_nothing_outside_of_the_build_has_an_address(front: Front, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(front.url.rsplit(":", 1)[1]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    reply = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert reply.split(b" ", 2)[1] in {b"404", b"400"}
    assert b"not of the console" not in reply
    assert SCRIPT not in reply


async def test_a_mistyped_address_is_404_as_the_console_for_people_and_as_a_problem_for_programs(front: Front) -> None:
    async with front.http.get(f"{front.url}/mesages", headers=HTML) as answer:
        assert (answer.status, "nonce-" in answer.headers["Content-Security-Policy"]) == (404, True)
        assert "main-a1.js" in await answer.text()
    async with front.http.get(f"{front.url}/mesages") as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (404, "not_found")
    for path in ("/bff/api/nothing", "/auth/nothing", "/api/nothing", "/assets/nothing.js"):
        async with front.http.get(front.url + path, headers=HTML) as answer:
            assert (answer.status, (await answer.json(content_type=None))["status"]) == (404, 404)


async def test_before_the_console_is_built_the_page_says_how(tmp_path: Path) -> None:
    async with serving(tmp_path / "none") as front, front.http.get(f"{front.url}/messages", headers=HTML) as answer:
        assert answer.status == 503
        assert "make up" in await answer.text()
        assert "script-src" not in answer.headers["Content-Security-Policy"]
