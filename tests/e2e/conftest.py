from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.e2e.canaries import found, known, places
from tests.support.net import free_port
from tests.support.postgres import Cluster
from tests.support.relay import Relay, running_relay
from tests.support.stack import Stack, running_stack

_numbers = itertools.count(1)


@dataclass
class House:
    """One running installation, shared by the end-to-end tests; each works in mailboxes of its own."""

    stack: Stack
    relay: Relay

    async def new_mailbox(self) -> str:
        """A mailbox that no other test uses."""
        address = f"e2e-{next(_numbers)}@contoso.example"
        body = {"address": address, "display_name": f"End to end {address}"}
        await self.stack.call("POST", f"{self.stack.sandbox}/_sandbox/mailboxes", json=body, token=None)
        return address

    async def connected(self, change_types: list[str] | None = None) -> Mailbox:
        """A new mailbox, connected and subscribed."""
        address = await self.new_mailbox()
        tenant_id = await self.stack.connect(address)
        subscription = await self.stack.subscribe(tenant_id, change_types)
        return Mailbox(address, tenant_id, subscription["subscription_id"])


@dataclass
class Mailbox:
    address: str
    tenant_id: str
    subscription_id: str


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with cluster.fresh(migrated=True) as database, running_relay(free_port()) as relay:
        extra = {"MS365_WEBHOOK_URL": relay.url, "FLOVIFY_WORKER_LEASE_SECONDS": "2"}
        async with running_stack(database, tmp_path_factory.mktemp("house"), extra) as stack:
            relay.target = f"{stack.bff}/api/ms365/webhook"
            yield House(stack, relay)
            # After every test that used the house: nothing that passed through it stands anywhere in clear.
            assert found(await places(stack, cluster), known(stack)) == []
