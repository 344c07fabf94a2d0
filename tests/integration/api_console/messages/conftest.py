from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.console import wire_console
from flovify.api.coverage.store import CoverageStore
from flovify.api.messages.service import MessageService
from flovify.api.messages.store import MessageStore
from flovify.api.providers.registry import ProviderRegistry
from flovify.api.revocations.known import KnownRevocations
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.common.clock import SystemClock
from flovify.common.db import Pool
from flovify.common.http import create_session
from tests.integration.api_console.messages.house import PROVIDER, TOKEN, House, create_app
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth, Tenant
from tests.integration.api_graph.memory_provider import MemoryProvider
from tests.support.postgres import Cluster, Database
from tests.support.tables import Tables, shared_tables


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tables(cluster: Cluster) -> AsyncIterator[Tables]:
    async with shared_tables(cluster, max_size=12) as made:
        yield made


@pytest.fixture
def database(tables: Tables) -> Database:
    """The one that the pool is connected to."""
    return tables.database


@pytest_asyncio.fixture(loop_scope="module")
async def house(pool: Pool) -> AsyncIterator[House]:
    auth, clock, provider = FakeAuth(), SystemClock(), MemoryProvider(mailboxes={TOKEN: {}})
    await auth.start()
    async with create_session() as session:
        client = AuthClient(session, auth.url, SECRET, clock)
        providers = ProviderRegistry([provider])
        subscriptions = SubscriptionService(
            SubscriptionStore(pool),
            providers,
            client,
            clock,
            notification_url="http://localhost/webhook",
            lifecycle_url="http://localhost/webhook",
            client_state_keys=("client-state-key-of-the-tests",),
            timeline=Timeline(pool),
            coverage=CoverageStore(pool),
        )
        console = wire_console(
            pool,
            clock,
            auth=client,
            providers=providers,
            subscriptions=subscriptions,
            messages=MessageService(MessageStore(pool), client, providers),
            audit=AuditLog(pool),
            revoked=KnownRevocations(clock),
        )
        made = House(pool, console, provider, create_app(console), auth.tenants)
        auth.tenants[made.tenant] = Tenant(TOKEN, "user-1", provider=PROVIDER)
        yield made
        await console.hub.close()
    await auth.stop()


@pytest.fixture
def other() -> uuid.UUID:
    """Another account."""
    return uuid.uuid4()
