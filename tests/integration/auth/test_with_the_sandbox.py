"""Every way to connect, through real processes and the sandbox, up to a stored message; and its refusals in words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from flovify.common.microsoft_errors import entra_words
from tests.support.command import Ran, flovify
from tests.support.postgres import Cluster
from tests.support.processes import base_environment, flovify_command
from tests.support.stack import SALES, Stack, running_stack
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]
CALLBACK, CONSENT = "/auth/oauth/ms365/callback", "/auth/oauth/ms365/adminconsent"
CHANGE = {"X-Flovify": "1", "Accept": "application/json"}
# AADSTS as the sandbox answers it at the token endpoint, and the words a person is given.
ROWS = {
    50034: "account_unknown",
    50053: "account_locked",
    50055: "password_expired",
    50057: "account_disabled",
    50072: "second_factor_required",
    50074: "second_factor_required",
    50076: "second_factor_required",
    50079: "second_factor_required",
    50105: "account_not_assigned",
    50173: "sign_in_revoked",
    50194: "app_single_tenant",
    50196: "refresh_loop",
    50020: "account_kind_wrong",
    53000: "conditional_access",
    53003: "conditional_access",
    530035: "conditional_access",
    54005: "code_used",
    65001: "consent_missing",
    70000: "sign_in_ended",
    70008: "sign_in_idle",
    70011: "scope_unknown",
    70043: "sign_in_frequency",
    90002: "organization_unknown",
    90038: "organization_in_another_cloud",
    90055: "sign_in_throttled",
    500011: "graph_not_in_organization",
    501481: "code_of_another_flow",
    650052: "graph_not_in_organization",
    650057: "permissions_not_registered",
    700005: "code_of_another_organization",
    700016: "app_not_in_organization",
    700022: "scope_of_several_services",
    700082: "sign_in_idle",
    700084: "redirect_uri_is_spa",
    7000112: "app_disabled",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    data: Path = tmp_path_factory.mktemp("data")
    async with cluster.fresh(migrated=True) as database, running_stack(database, data) as running:
        uris = [f"{running.bff}{path}" for path in (CALLBACK, f"{CONSENT}/callback")]
        url = f"{running.sandbox}/_sandbox/apps/{running.secrets.client_id}"
        await running.call("PATCH", url, token=None, json={"redirect_uris": uris})
        yield running


async def _sandbox(stack: Stack, method: str, path: str, **body: Any) -> Any:
    return await stack.call(method, f"{stack.sandbox}/_sandbox{path}", token=None, json=body)


async def _follow(stack: Stack, address: str, url: str, browser: aiohttp.ClientSession, **extra: str) -> str:
    """What a person's browser does at Microsoft and on the way back; where it ends."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query), ("sandbox_auto", address), *extra.items()])
    async with browser.get(parts._replace(query=query).geturl(), allow_redirects=False) as consented:
        assert consented.status == 302, await consented.text()
        back = consented.headers["Location"]
    async with browser.get(back, allow_redirects=False) as finished:
        assert finished.status == 303, await finished.text()
        return finished.headers["Location"]


async def _by_link(stack: Stack, address: str, **body: Any) -> str:
    made = await stack.call("POST", f"{stack.auth}/auth/connect-links", json=body)
    token = made["url"].partition("#token=")[2]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        url = f"{stack.bff}/auth/oauth/ms365/link"
        async with browser.post(url, json={"token": token}, headers=CHANGE) as begun:
            assert begun.status == 200, await begun.text()
            target = (await begun.json())["authorize_url"]
        ended = await _follow(stack, address, target, browser)
    assert token not in stack.logs()
    return ended


async def _admin_consent(stack: Stack, address: str, **query: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {await stack.admin_token()}"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{stack.bff}{CONSENT}", params=query, headers=headers, allow_redirects=False) as begun:
            assert begun.status == 302, await begun.text()
            target = begun.headers["Location"]
        ended = await _follow(stack, address, target, browser)
    return {name: values[0] for name, values in parse_qs(urlsplit(ended).query).items()}


async def _arrives(
    stack: Stack, tenant_id: str, address: str, resource: str = "me/mailFolders('inbox')/messages"
) -> None:
    """A mail sent to the address is stored for the account."""
    await stack.subscribe(tenant_id, resource=resource)
    subject = f"for {tenant_id}"
    await stack.send_mail(address, raw=f"From: a@b.example\r\nTo: {address}\r\nSubject: {subject}\r\n\r\nHi".encode())
    found = await stack.wait_stored(tenant_id, 1)
    assert subject in [message["subject"] for message in found]


async def _tenant_of(stack: Stack, address: str) -> str:
    listed = await stack.call("GET", f"{stack.auth}/auth/tenants")
    return next(str(item["id"]) for item in listed["items"] if item["account_email"] == address)


@pytest.mark.parametrize("number", ROWS, ids=str)
async def test_a_refused_code_in_words(stack: Stack, number: int) -> None:
    demand = await _sandbox(stack, "POST", "/token-errors", address=SALES, aadsts=number, times=1)
    location = await stack.connect_location(SALES)
    await stack.call("DELETE", f"{stack.sandbox}/_sandbox/token-errors", token=None)
    found = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert found["aadsts"] == str(number)
    assert found["reason"] == ROWS[number]
    assert len(found["trace_id"]) == len(found["correlation_id"]) == 36
    words = await stack.call("GET", f"{stack.auth}/auth/error-words/{ROWS[number]}")
    assert words["cause"] == entra_words(demand["error"], number).cause
    assert words["who_must_act"] in {"user", "administrator", "operator", "nobody"}


@pytest.mark.parametrize("number", [50173, 700082, 53003, 65001])
async def test_a_refused_refresh_in_words_on_the_account(stack: Stack, number: int) -> None:
    tenant_id = await stack.connect(SALES)
    # Twice: an answer that got lost may have replaced the token, so the one before it is tried too.
    await _sandbox(stack, "POST", "/token-errors", address=SALES, aadsts=number, times=2)
    url = f"{stack.auth}/auth/tenants/{tenant_id}"
    await stack.call("POST", f"{url}/refresh", expect=409)
    await stack.call("DELETE", f"{stack.sandbox}/_sandbox/token-errors", token=None)
    shown = await stack.call("GET", url)
    assert shown["status"] == "reconnect_required"
    assert shown["status_reason"]["words"]["code"] == entra_words("invalid_grant", number).code
    assert shown["status_reason"]["aadsts"] == number
    assert await stack.connect(SALES, tenant_id=tenant_id) == tenant_id


async def test_a_refresh_loop_passes_and_the_account_stays_active(stack: Stack) -> None:
    tenant_id = await stack.connect(SALES)
    url = f"{stack.auth}/auth/tenants/{tenant_id}"
    # Twice: should it be taken for a dead grant, the token before it is tried too.
    await _sandbox(stack, "POST", "/token-errors", address=SALES, aadsts=50196, times=2)
    refused = await stack.call("POST", f"{url}/refresh", expect=503)
    assert refused["words"]["code"] == "refresh_loop"
    assert (await stack.call("GET", url))["status"] == "active"
    left = await stack.call("GET", f"{stack.sandbox}/_sandbox/token-errors", token=None)
    assert [item["hits"] for item in left["items"]] == [1]
    await stack.call("DELETE", f"{stack.sandbox}/_sandbox/token-errors", token=None)

    async def works() -> bool:
        async with stack.http.post(f"{url}/refresh", headers=headers) as answer:
            return answer.status == 200

    headers = {"Authorization": f"Bearer {await stack.admin_token()}"}
    await until(works, 30, "a refresh that works again", poll=0.5)
    assert (await stack.call("GET", url))["status_reason"] is None


async def test_by_link_from_the_mail_to_a_stored_message(stack: Stack) -> None:
    address = "link@contoso.example"
    await _sandbox(stack, "POST", "/mailboxes", address=address)
    ended = await _by_link(stack, address, login_hint=address)
    assert ended == "/auth/oauth/ms365/done?result=connected"
    await _arrives(stack, await _tenant_of(stack, address), address)


async def test_where_users_may_not_consent_an_administrator_does_and_then_the_user_may(stack: Stack) -> None:
    for address, administrator in (("user@strict.example", False), ("boss@strict.example", True)):
        await _sandbox(stack, "POST", "/mailboxes", address=address, administrator=administrator)
    location = await stack.connect_location("user@strict.example")
    assert "error=admin_consent_required" in location
    assert await _by_link(stack, "user@strict.example") == "/auth/oauth/ms365/done?result=admin_consent_required"
    declined = await _admin_consent(stack, "user@strict.example")
    assert declined["error"] in {"admin_consent_required", "admin_consent_refused"}
    approved = await _by_link(stack, "boss@strict.example", purpose="admin_consent")
    assert approved == "/auth/oauth/ms365/done?result=granted"
    tenant_id = await stack.connect("user@strict.example")
    await _arrives(stack, tenant_id, "user@strict.example")


async def test_application_permissions_from_consent_to_a_stored_message(stack: Stack) -> None:
    addresses = ["boss@apps.example", "in@apps.example", "out@apps.example"]
    made = [await _sandbox(stack, "POST", "/mailboxes", address=a, administrator=a[0] == "b") for a in addresses]
    scope = {stack.secrets.client_id: ["in@apps.example"]}
    await _sandbox(stack, "PUT", "/organizations/apps.example", mailbox_scope=scope, scope_kind="policy")
    found = await _admin_consent(stack, "boss@apps.example")
    assert found["consent"] == "granted", found
    base = f"{stack.auth}/auth/organizations/{found['organization']}"
    page = await stack.call("GET", f"{base}/mailboxes", params={"search": "in"})
    assert [item["address"] for item in page["items"]] == ["in@apps.example"]
    body = {"mailboxes": ["in@apps.example", "out@apps.example", "nobody@apps.example"]}
    inside, outside, nobody = (await stack.call("POST", f"{base}/tenants", json=body))["items"]
    assert (outside["code"], nobody["code"]) == ("mailbox_policy_refuses", "mailbox_unknown")
    assert f"Test-ApplicationAccessPolicy -AppId '{stack.secrets.client_id}'" in outside["command"]
    assert inside["status"] == "connected", inside
    object_id = page["items"][0]["object_id"]
    assert object_id == made[1].get("id", object_id)
    resource = f"users/{object_id}/mailFolders('inbox')/messages"
    await _arrives(stack, inside["tenant_id"], "in@apps.example", resource)
    await _sandbox(stack, "PUT", "/organizations/apps.example", mailbox_scope=scope, scope_kind="rbac")
    [outside] = (await stack.call("POST", f"{base}/tenants", json={"mailboxes": ["out@apps.example"]}))["items"]
    assert outside["code"] == "mailbox_access_denied"


async def test_a_forged_consent_is_pending_in_the_real_flow_too(stack: Stack) -> None:
    boss = "boss@victim.example"
    await _sandbox(stack, "POST", "/mailboxes", address=boss, administrator=True)
    organizations = (await stack.call("GET", f"{stack.sandbox}/_sandbox/organizations", token=None))["items"]
    victim = next(item for item in organizations if item["domain"] == "victim.example")
    headers = {"Authorization": f"Bearer {await stack.admin_token()}"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{stack.bff}{CONSENT}", headers=headers, allow_redirects=False) as begun:
            state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
        forged = {"state": state, "tenant": victim["tenant_id"], "admin_consent": "True"}
        async with browser.get(f"{stack.bff}{CONSENT}/callback", params=forged, allow_redirects=False) as ended:
            assert "consent=pending" in ended.headers["Location"]
    apps = await stack.call("GET", f"{stack.auth}/auth/apps")
    assert apps["items"][0]["last_error"] is None  # nobody's credential is at fault


async def test_another_cloud_from_registration_to_a_stored_message(stack: Stack) -> None:
    world, address = f"{stack.sandbox}/cloud/usgov/_sandbox", "clerk@agency.example"
    body = {"display_name": "Flovify GCC High", "redirect_uris": [f"{stack.bff}{CALLBACK}/usgov"]}
    app = await stack.call("POST", f"{world}/apps", token=None, json=body)
    await stack.call("POST", f"{world}/mailboxes", token=None, json={"address": address})
    await stack.call("PUT", f"{world}/organizations/agency.example", token=None, json={"user_consent": "open"})
    credential = {"kind": "secret", "secret": app["client_secret"]}
    registration = {"client_id": app["client_id"], "cloud": "usgov", "credential": credential}
    made = await stack.call("POST", f"{stack.auth}/auth/apps", json=registration)
    tenant_id = await stack.connect(address, registration_id=made["id"])
    await _arrives(stack, tenant_id, address)
    token = await stack.call("GET", f"{stack.auth}/auth/tenants/{tenant_id}")
    assert (token["cloud"], json.dumps(token).count(app["client_secret"])) == ("usgov", 0)


async def _flovify(stack: Stack, *args: str) -> Ran:
    return await flovify("tenants", *args, env=stack.environment("auth"), cwd=stack.data_dir)


async def _process(stack: Stack, *args: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *flovify_command("tenants", *args),
        cwd=stack.data_dir,
        env={**base_environment(), **stack.environment("auth")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


async def test_the_same_from_the_command_line(stack: Stack) -> None:
    for address, administrator in (("boss@cli.example", True), ("one@cli.example", False)):
        await _sandbox(stack, "POST", "/mailboxes", address=address, administrator=administrator)
    status, output, errors = await _process(stack, "connect", "--login-hint", "one@cli.example", "--json")
    assert status == 0, errors
    assert json.loads(output)["url"] == f"{stack.bff}/auth/oauth/ms365/authorize?login_hint=one%40cli.example"
    status, output, errors = await _process(stack, "link", "--purpose", "admin_consent", "--json")
    assert status == 0, errors
    made = json.loads(output)
    assert made["url"].startswith(f"{stack.bff}/auth/oauth/ms365/link#token=")
    found = await _admin_consent(stack, "boss@cli.example")
    arguments = ("connect", "--organization", found["organization"], "one@cli.example", "nobody@cli.example", "--json")
    status, output, errors = await _flovify(stack, *arguments)
    assert status == 1, errors
    one, nobody = json.loads(output)["items"]
    assert (one["status"], nobody["code"]) == ("connected", "mailbox_unknown")
    status, output, errors = await _process(stack, "list")
    assert status == 0, errors
    assert f"{one['tenant_id']}  active             app       global one@cli.example" in output
    status, output, errors = await _process(stack, "test", one["tenant_id"], "--json")
    steps = [json.loads(line) for line in output.splitlines()]
    assert steps, errors
    assert steps[-1] == {"done": True, "ok": True}, output
    assert status == 0
    status, output, errors = await _process(stack, "disconnect", one["tenant_id"])
    assert (status, output[:12]) == (0, "disconnected"), errors
    for wrong in (["test", "x"], ["disconnect", one["tenant_id"]], ["link", "--purpose", "x"], ["connect", "a@b.c"]):
        status, output, errors = await _flovify(stack, *wrong)
        assert status == 1
        assert errors.startswith("flovify: ")
        assert len(errors.splitlines()) == 1
