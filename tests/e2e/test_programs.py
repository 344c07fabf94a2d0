"""A program reads the messages of one mailbox by an API key, at the one public address."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import House
from tests.support.mail import simple_mail

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_program_reads_one_mailbox_by_its_key(house: House) -> None:
    stack, mine, other = house.stack, await house.connected(), await house.connected()
    for mailbox in (mine, other):
        await stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
        await stack.wait_stored(mailbox.tenant_id, 1)
    wanted = {"name": "n8n", "scopes": ["messages:read"], "tenant_ids": [mine.tenant_id], "expires_in_days": 1}
    key = (await stack.call("POST", f"{stack.auth}/auth/api-keys", json=wanted))["key"]
    bearer = {"Authorization": f"Bearer {key}"}

    async def get(path: str) -> tuple[int, dict[str, object]]:
        async with stack.http.get(f"{stack.bff}{path}", headers=bearer) as answer:
            return answer.status, await answer.json()

    status, page = await get(f"/api/messages?tenant_id={mine.tenant_id}")
    assert status == 200
    assert isinstance(page["items"], list)
    assert len(page["items"]) == 1
    assert (await get(f"/api/messages/{page['items'][0]['id']}"))[0] == 200
    for path in ("/api/messages", f"/api/messages?tenant_id={other.tenant_id}", f"/api/accounts/{mine.tenant_id}"):
        assert (await get(path))[0] == 403, path
    [theirs] = await stack.wait_stored(other.tenant_id, 1)
    assert (await get(f"/api/messages/{theirs['id']}"))[0] == 404
    assert key not in stack.logs()
