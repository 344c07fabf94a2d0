"""An account whose mailbox cannot be served says so within seconds, with all that is known, until it is over."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import House, Mailbox
from tests.e2e.ground import fault, hurry, mend, rows, send, user_of
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
_CLAIMS = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1"}}}').decode()
_CHALLENGE = f'Bearer realm="", error="insufficient_claims", claims="{_CLAIMS}"'
# Reason, who must act, and the fault that lasts.
PERMANENT: list[tuple[str, str, dict[str, Any]]] = [
    ("unauthorized", "user", {"status": 401}),
    ("claims_challenge", "user", {"status": 401, "headers": {"WWW-Authenticate": _CHALLENGE}}),
    ("forbidden", "administrator", {"status": 403}),
]


async def _account(house: House, mailbox: Mailbox) -> Any:
    return await house.stack.call("GET", f"{house.stack.api}/api/accounts/{mailbox.tenant_id}")


async def _tenant(house: House, mailbox: Mailbox) -> Any:
    return await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}")


async def _wait_counted(house: House, blocked: int) -> None:
    """Until auth's metrics say so: accounts are counted every few seconds."""

    async def counted() -> bool:
        await rows(house, "UPDATE auth.periodic_tasks SET due_at = clock_timestamp() WHERE name = 'take_readings'")
        async with house.stack.http.get(f"{house.stack.auth_internal}/metrics") as answer:
            return f'flovify_tenants{{status="blocked"}} {blocked}.0' in await answer.text()

    await until(counted, 45, f"{blocked} blocked accounts in the metrics", poll=0.5)


async def _soon(house: House) -> None:
    """Let the worker tell auth now, instead of within fifteen seconds."""
    await rows(house, "UPDATE api.periodic_tasks SET due_at = clock_timestamp() WHERE name = 'tell_blocked'")


async def test_what_lasts_shows_on_the_account_and_is_lifted_when_it_is_over(house: House) -> None:
    """A mailbox for each refusal, all at once: what takes its time is that nobody hurries to ask again."""
    begun = datetime.now(UTC) - timedelta(seconds=2)
    mailboxes = [await house.connected() for _ in PERMANENT]
    faults = []
    for mailbox, (_, _, answer) in zip(mailboxes, PERMANENT, strict=True):
        assert (await _tenant(house, mailbox))["blocked"] is None
        faults.append(await fault(house, f"/v1.0/users/{await user_of(house, mailbox)}/*", **answer))
        await send(house, mailbox, range(2))

    async def blocked() -> Any:
        await _soon(house)
        shown = [(await _tenant(house, mailbox))["blocked"] for mailbox in mailboxes]
        return shown if all(one and one["waiting"] == 2 for one in shown) else None

    told = await until(blocked, 45, "the block on the accounts", poll=0.5)
    for mailbox, shown, (reason, who, _) in zip(mailboxes, told, PERMANENT, strict=True):
        assert (shown["reason"], shown["who_must_act"]) == (reason, who)
        assert begun < datetime.fromisoformat(shown["since"]) < datetime.now(UTC)
        assert shown["cause"]
        assert shown["action"]
        account = await _account(house, mailbox)
        assert (account["status"], account["status_word"], account["who_must_act"]) == ("blocked", "Blocked", who)
        assert account["blocked"] == {"since": shown["since"], "reason": reason, "waiting": 2}
    await _wait_counted(house, 3)
    for mailbox, made in zip(mailboxes, faults, strict=True):
        await mend(house, made)
        await hurry(house, mailbox)
        await house.stack.wait_stored(mailbox.tenant_id, 2)

    async def lifted() -> bool:
        await _soon(house)
        return not any([(await _tenant(house, mailbox))["blocked"] for mailbox in mailboxes])

    await until(lifted, 45, "the end of the blocks", poll=0.5)
    for mailbox in mailboxes:
        assert (await _account(house, mailbox))["status"] == "connected"
    await _wait_counted(house, 0)
