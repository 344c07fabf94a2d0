"""Accounts under other app registrations than the first, up to a stored message."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.e2e.conftest import House
from tests.support.certificates import make_certificate
from tests.support.mail import simple_mail

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_a_second_registration_with_a_secret(house: House) -> None:
    address = await house.new_mailbox()
    made = await _sandbox(house, "/apps", display_name="Second", redirect_uris=_redirect_uris(house))
    registration = await _register(house, made["client_id"], {"kind": "secret", "secret": made["client_secret"]})
    tenant_id = await house.stack.connect(address, registration_id=registration)
    shown = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{tenant_id}")
    assert (shown["registration_id"], shown["token_type"]) == (registration, "delegated")
    await _arrives(house, tenant_id, address)


async def test_application_permissions_with_a_certificate(house: House) -> None:
    await _sandbox(house, "/mailboxes", address="boss@certified.example", administrator=True)
    await _sandbox(house, "/mailboxes", address="shared@certified.example", kind="shared")
    made_here = make_certificate()
    app: dict[str, Any] = {"client_secret": None, "certificate_pem": made_here.certificate_pem}
    made = await _sandbox(house, "/apps", display_name="Certified", redirect_uris=_redirect_uris(house), **app)
    credential = {
        "kind": "certificate",
        "certificate_pem": made_here.certificate_pem,
        "private_key_pem": made_here.key_pem,
    }
    registration = await _register(house, made["client_id"], credential)
    organization = await admin_consent(house, registration, "boss@certified.example")
    url = f"{house.stack.auth}/auth/organizations/{organization}/tenants"
    [one] = (await house.stack.call("POST", url, json={"mailboxes": ["shared@certified.example"]}))["items"]
    assert one["status"] == "connected", one
    shown = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{one['tenant_id']}")
    assert (shown["registration_id"], shown["token_type"]) == (registration, "app")
    # A shared mailbox that a sign-in could never be notified of.
    await _arrives(house, one["tenant_id"], "shared@certified.example")
    assert "PRIVATE KEY" not in house.stack.logs()


def _redirect_uris(house: House) -> list[str]:
    base = f"{house.stack.bff}/auth/oauth/ms365"
    return [f"{base}/callback", f"{base}/adminconsent/callback"]


async def _sandbox(house: House, path: str, **body: Any) -> Any:
    return await house.stack.call("POST", f"{house.stack.sandbox}/_sandbox{path}", token=None, json=body)


async def _register(house: House, client_id: str, credential: dict[str, str]) -> str:
    body = {"client_id": client_id, "credential": credential}
    return str((await house.stack.call("POST", f"{house.stack.auth}/auth/apps", json=body))["id"])


async def admin_consent(house: House, registration: str, administrator: str) -> str:
    """Our id of the organisation that was granted."""
    headers = {"Authorization": f"Bearer {await house.stack.admin_token()}"}
    chosen = {"registration_id": registration} if registration else {}
    params = {**chosen, "sandbox_auto": administrator}
    url = f"{house.stack.bff}/auth/oauth/ms365/adminconsent"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(url, params=params, headers=headers, allow_redirects=False) as begun:
            url = begun.headers["Location"]
        async with browser.get(url, allow_redirects=False) as consented:
            url = consented.headers["Location"]
        async with browser.get(url, allow_redirects=False) as finished:
            found = parse_qs(urlsplit(finished.headers["Location"]).query)
    assert found["consent"] == ["granted"], found
    return found["organization"][0]


async def _arrives(house: House, tenant_id: str, address: str) -> None:
    await house.stack.subscribe(tenant_id)
    await house.stack.send_mail(address, raw=simple_mail(1, address))
    [message] = await house.stack.wait_stored(tenant_id, 1)
    assert message["subject"] == "message 1"
