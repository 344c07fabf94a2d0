"""A shared mailbox by the sign-in of somebody who may read it: Microsoft announces nothing, so it is polled."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import House
from tests.e2e.ground import rows
from tests.e2e.test_other_registrations import admin_consent
from tests.support.mail import simple_mail
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

ANN, TEAM = "ann.of-the-team@contoso.example", "team@contoso.example"


async def sandbox(house: House, **body: Any) -> Any:
    return await house.stack.call("POST", f"{house.stack.sandbox}/_sandbox/mailboxes", token=None, json=body)


async def made(house: House, ann: str, team: str) -> tuple[str, str]:
    """A person, and a shared mailbox that she may read."""
    await sandbox(house, address=ann)
    await sandbox(house, address=team, kind="shared", delegates=[ann])
    return ann, team


async def polled(house: House, tenant_id: str) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        found = await house.stack.call("GET", f"{house.stack.api}/api/ms365/subscriptions?tenant_id={tenant_id}")
        return found["items"][0] if found["items"] else None

    return await until(there, 20, "its subscription")


async def look_now(house: House, tenant_id: str) -> None:
    """The next of the looks that come every 40 seconds."""
    await rows(house, "UPDATE api.coverage_gaps SET next_try_at = clock_timestamp() WHERE tenant_id = $1", tenant_id)
    await rows(house, "SELECT pg_notify('flovify_coverage', '')")


async def test_its_mail_arrives_by_polling_each_message_once(house: House) -> None:
    await sandbox(house, address=ANN)
    await sandbox(house, address=TEAM, kind="shared", display_name="The Team", delegates=[ANN])
    tenant_id = await house.stack.connect(ANN, mailbox=TEAM, subscribe="inbox")
    account = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{tenant_id}")
    assert (account["account_email"], account["display_name"], account["token_type"]) == (TEAM, "The Team", "shared")
    assert account["required_scopes"] == ["Mail.Read.Shared"]
    assert (account["missing_scopes"], account["extra_scopes"]) == ([], [])
    shown = await polled(house, tenant_id)
    assert (shown["status"], shown["state_word"], shown["mode"]) == ("polled", "polled", "poll")

    for number in range(3):
        await house.stack.send_mail(TEAM, raw=simple_mail(number, TEAM))
    await look_now(house, tenant_id)
    await house.stack.wait_stored(tenant_id, 3)
    await house.stack.send_mail(TEAM, raw=simple_mail(3, TEAM))
    await look_now(house, tenant_id)
    stored = await house.stack.wait_stored(tenant_id, 4)
    assert len({one["provider_message_id"] for one in stored}) == len(stored) == 4

    state = await house.stack.call("GET", f"{house.stack.api}/api/accounts/{tenant_id}")
    assert (state["status"], state["access"]) == ("connected", "shared")
    assert (state["lights"]["subscription"]["state"], state["lights"]["intake"]["state"]) == ("ok", "ok")
    # Nothing stands at Microsoft, and a renewal makes nothing there either.
    renewed = await house.stack.call("POST", f"{house.stack.api}/api/ms365/subscriptions/{shown['id']}/renew")
    assert (renewed["status"], renewed["subscription_id"]) == ("polled", None)


async def test_access_that_was_withdrawn_is_said_and_connecting_again_goes_on(house: House) -> None:
    ann, team = await made(house, "ann.of-desk@contoso.example", "desk@contoso.example")
    tenant_id = await house.stack.connect(ann, mailbox=team, subscribe="inbox")
    await polled(house, tenant_id)
    await sandbox(house, address=team, kind="shared", delegates=[])
    await house.stack.send_mail(team, raw=simple_mail(1, team))

    async def failing() -> dict[str, Any] | None:
        await look_now(house, tenant_id)
        state = await house.stack.call("GET", f"{house.stack.api}/api/accounts/{tenant_id}")
        return state if state["status"] == "failing" else None

    state = await until(failing, 30, "the account's word", poll=0.3)
    assert "403" in state["cause"]
    assert state["who_must_act"] == "administrator"
    counted = await rows(
        house, "SELECT count(*) AS open FROM api.coverage_gaps WHERE failures > 0 AND tenant_id = $1", tenant_id
    )
    assert counted[0]["open"] == 1

    # Another who may read it signs in: it is the same account, by the address of the mailbox.
    bob = "bob.of-desk@contoso.example"
    await sandbox(house, address=bob)
    refused = await house.stack.connect_location(bob, tenant_id=tenant_id)
    assert "error=mailbox_not_shared" in refused
    await sandbox(house, address=team, kind="shared", delegates=[bob])
    assert await house.stack.connect(bob, tenant_id=tenant_id) == tenant_id
    await look_now(house, tenant_id)
    [message] = await house.stack.wait_stored(tenant_id, 1)
    assert message["subject"] == "message 1"


async def test_a_crash_before_its_polling_began_is_mended_by_the_renewal(house: House) -> None:
    ann, team = await made(house, "ann.of-crash@contoso.example", "crash@contoso.example")
    tenant_id = await house.stack.connect(ann, mailbox=team, subscribe="inbox")
    await polled(house, tenant_id)
    # As a process leaves it that dies right after it wrote the row.
    await rows(house, "DELETE FROM api.coverage_gaps WHERE tenant_id = $1", tenant_id)
    due = "UPDATE api.webhook_subscriptions SET next_renewal_at = created_at WHERE tenant_id = $1"
    await rows(house, due, tenant_id)
    await house.stack.send_mail(team, raw=simple_mail(1, team))
    await rows(house, "UPDATE api.periodic_tasks SET due_at = clock_timestamp() WHERE name = 'renew_subscriptions'")
    [message] = await house.stack.wait_stored(tenant_id, 1)
    assert message["subject"] == "message 1"


async def follow(house: House, link: dict[str, Any], signs_in: str) -> str:
    """Where somebody with a link ends; the sandbox's `sandbox_auto` presses the buttons of Microsoft's pages."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        page, _, token = str(link["url"]).partition("#token=")
        headers = {"Accept": "application/json", "X-Flovify": "1"}
        async with browser.post(page, json={"token": token}, headers=headers, allow_redirects=False) as begun:
            assert begun.status == 200, await begun.text()
            url = (await begun.json())["authorize_url"]
        assert "login_hint=&" in f"{url}&" or "login_hint" not in url, url
        async with browser.get(f"{url}&sandbox_auto={signs_in}", allow_redirects=False) as consented:
            url = consented.headers["Location"]
        async with browser.get(url, allow_redirects=False) as finished:
            return finished.headers["Location"]


async def test_by_a_link_somebody_without_an_account_here_connects_it_and_again(house: House) -> None:
    ann, team = await made(house, "ann.by-link@contoso.example", "linked@contoso.example")
    links = f"{house.stack.auth}/auth/connect-links"
    link = await house.stack.call("POST", links, json={"mailbox": team, "subscribe": "inbox"})
    assert link["mailbox"] == team
    assert "connected" in await follow(house, link, ann)
    known = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants")
    [tenant_id] = [one["id"] for one in known["items"] if one["account_email"] == team]
    assert (await polled(house, tenant_id))["status"] == "polled"
    again = await house.stack.call("POST", links, json={"tenant_id": tenant_id})
    assert again["login_hint"] == ""
    assert "connected" in await follow(house, again, ann)
    for wrong in ({"mailbox": team, "tenant_id": tenant_id}, {"mailbox": team, "purpose": "admin_consent"}):
        with pytest.raises(AssertionError, match="422"):
            await house.stack.call("POST", links, json=wrong)


async def test_what_is_no_shared_mailbox_of_theirs_is_not_connected(house: House) -> None:
    ann, closed = "ann.alone@contoso.example", "closed@contoso.example"
    await sandbox(house, address=ann)
    await sandbox(house, address=closed, kind="shared", delegates=[])
    for mailbox, code in (
        (closed, "mailbox_not_shared"),
        (ann, "mailbox_is_own"),
        ("nobody@contoso.example", "mailbox_not_found"),
        ("../me?$x='", "mailbox_not_found"),
    ):
        ended = await house.stack.connect_location(ann, mailbox=mailbox)
        assert f"error={code}" in ended, (mailbox, ended)
    known = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants")
    assert not [one for one in known["items"] if one["account_email"] in {ann, closed}]


async def test_it_is_announced_once_it_is_connected_by_the_organisation(house: House) -> None:
    ann, team = "ann@pushed.example", "team@pushed.example"
    boss = await sandbox(house, address="boss@pushed.example", administrator=True)
    assert boss["administrator"]
    await made(house, ann, team)
    policy = f"{house.stack.sandbox}/_sandbox/organizations/pushed.example"
    await house.stack.call("PUT", policy, token=None, json={"user_consent": "open"})
    organization = await admin_consent(house, "", "boss@pushed.example")
    tenant_id = await house.stack.connect(ann, mailbox=team, subscribe="inbox")
    shown = await polled(house, tenant_id)
    url = f"{house.stack.auth}/auth/organizations/{organization}/tenants"
    [one] = (await house.stack.call("POST", url, json={"mailboxes": [team], "subscribe": "inbox"}))["items"]
    assert (one["status"], one["tenant_id"]) == ("connected", tenant_id)

    async def pushed() -> dict[str, Any] | None:
        found = await house.stack.call("GET", f"{house.stack.api}/api/ms365/subscriptions/{shown['id']}")
        return found if found["mode"] == "push" else None

    assert (await until(pushed, 30, "a subscription at Microsoft"))["subscription_id"]
    await house.stack.send_mail(team, raw=simple_mail(1, team))
    [message] = await house.stack.wait_stored(tenant_id, 1)
    assert message["subject"] == "message 1"

    # And back: by her sign-in again nothing is announced, so what stands at Microsoft is not believed.
    assert await house.stack.connect(ann, mailbox=team, subscribe="inbox") == tenant_id

    async def back() -> bool:
        found = await house.stack.call("GET", f"{house.stack.api}/api/ms365/subscriptions/{shown['id']}")
        return bool(found["mode"] == "poll")

    await until(back, 30, "polling again")
    await house.stack.send_mail(team, raw=simple_mail(2, team))
    await look_now(house, tenant_id)
    await house.stack.wait_stored(tenant_id, 2)
