"""The whole product behind a company's proxy: Microsoft has its own host names and is reached by CONNECT only."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.support.mail import simple_mail
from tests.support.postgres import Database
from tests.support.proxy import CompanyProxy, company_proxy
from tests.support.stack import SALES, SERVICES, Stack, running_stack
from tests.support.wait import until

pytestmark = pytest.mark.timeout(300)
HOSTS = {f"CONNECT {host}:443 HTTP/1.1" for host in ("login.microsoftonline.com", "graph.microsoft.com")}


@asynccontextmanager
async def _behind_the_proxy(database: Database, folder: Path) -> AsyncIterator[tuple[Stack, CompanyProxy]]:
    async with AsyncExitStack() as cleanup:
        proxy = await cleanup.enter_async_context(company_proxy())
        extra = {
            "FLOVIFY_HTTPS_PROXY": proxy.url(),
            "SSL_CERT_FILE": str(folder / "sandbox" / "ca.pem"),
            "MICROSOFT_AUTHORITY": "",
            "MICROSOFT_GRAPH_URL": "",
            # Leads nowhere: whoever looked at it would reach nobody.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        stack = await cleanup.enter_async_context(running_stack(database, folder, extra, ("sandbox",)))
        proxy.upstream = ("127.0.0.1", stack.ports["FLOVIFY_SANDBOX_PROXY_PORT"])
        # Only now: the authority's certificate is there.
        for service in SERVICES[1:]:
            stack.start(service)
        for service in SERVICES[1:]:
            await asyncio.to_thread(stack.wait_ready, service)
        yield stack, proxy


async def test_mail_comes_through_the_proxy_and_waits_while_it_is_away(database: Database, tmp_path: Path) -> None:
    async with _behind_the_proxy(database, tmp_path) as (stack, proxy):
        tenant_id = await _connect(stack, SALES)
        await stack.subscribe(tenant_id)
        await stack.send_mail(SALES, raw=simple_mail(1, SALES))
        await stack.wait_stored(tenant_id, 1)
        assert set(proxy.asked) == HOSTS
        await proxy.down()
        await stack.send_mail(SALES, raw=simple_mail(2, SALES))
        await until(lambda: "proxy_unreachable" in stack.processes["worker"].output(), 30, "the worker's try")
        tenant = await stack.call("GET", f"{stack.auth}/auth/tenants/{tenant_id}")
        assert tenant["status"] == "active"
        assert len(await stack.messages(tenant_id)) == 1
        await proxy.up()
        await stack.wait_stored(tenant_id, 2)
        assert set(proxy.asked) == HOSTS
        await _nowhere_in_clear(stack)


async def _nowhere_in_clear(stack: Stack) -> None:
    for url in (f"{stack.auth}/auth/system", f"{stack.api}/api/system"):
        shown: Any = await stack.call("GET", url)
        assert "FLOVIFY_HTTPS_PROXY" in str(shown)
        assert "canary" not in str(shown)
    assert "canary" not in stack.logs()


async def _connect(stack: Stack, address: str) -> str:
    """Through the browser's own way to Microsoft's host names, which here is the sandbox's proxy."""
    there: dict[str, Any] = {
        "proxy": f"http://127.0.0.1:{stack.ports['FLOVIFY_SANDBOX_PROXY_PORT']}",
        "ssl": ssl.create_default_context(cafile=stack.data_dir / "sandbox" / "ca.pem"),
    }
    headers = {"Authorization": f"Bearer {await stack.admin_token()}"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        begin = f"{stack.bff}/auth/oauth/ms365/authorize"
        async with browser.get(begin, headers=headers, allow_redirects=False) as begun:
            url = f"{begun.headers['Location']}&sandbox_auto={address}"
        assert url.startswith("https://login.microsoftonline.com/"), url
        async with browser.get(url, allow_redirects=False, **there) as consented:
            url = consented.headers["Location"]
        async with browser.get(url, allow_redirects=False) as finished:
            found = parse_qs(urlsplit(finished.headers["Location"]).query)
    assert "connected" in found, found
    return found["connected"][0]
