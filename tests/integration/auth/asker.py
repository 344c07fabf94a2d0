"""`python -m tests.integration.auth.asker COUNT TENANT_ID`: that many processes ask for one tenant's token at once.

Settings come from the environment, as auth's do. Prints one JSON list: for each process the SHA-256 of the token it
got, or the name of what was raised.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import sys
from contextlib import AsyncExitStack
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID

from flovify.auth.apps.environment import addresses
from flovify.auth.apps.service import AppService
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.auth.settings import AuthSettings
from flovify.auth.tokens.service import TokenService
from flovify.auth.tokens.store import TokenStore
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.clock import SystemClock
from flovify.common.db import create_pool
from flovify.common.errors import FlovifyError
from flovify.common.http import create_session
from flovify.common.settings import load


async def _ask(tenant_id: UUID, barrier: Barrier) -> str:
    async with AsyncExitStack() as stack:
        tokens = await _service(load(AuthSettings), stack)
        await asyncio.to_thread(barrier.wait, 240)
        try:
            token = await tokens.get_tenant_token(tenant_id)
        except FlovifyError as error:
            return type(error).__name__
        return hashlib.sha256(token.access_token.reveal().encode()).hexdigest()


async def _service(settings: AuthSettings, stack: AsyncExitStack) -> TokenService:
    """Just what hands out tokens, connected on its own."""
    pool = await create_pool(settings.database_url.get_secret_value(), application_name="asker", max_size=1)
    stack.push_async_callback(pool.close)
    session = await stack.enter_async_context(create_session())
    clock = SystemClock()
    vault = Vault(Keyring(settings.encryption_keys), VaultStore(pool))
    places = addresses(settings)
    apps = AppService(AppStore(pool), vault, AuditLog(pool), clock, places)
    return TokenService(TokenStore(pool), vault, Ms365Client(session, places, apps, clock), apps, clock)


def _child(tenant_id: UUID, barrier: Barrier, results: Any) -> None:
    results.put(asyncio.run(_ask(tenant_id, barrier)))


def main(count: int, tenant_id: UUID) -> None:
    # Forked, not started anew: forty interpreters loading everything would only test the machine's patience.
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(count), context.Queue()
    children = [context.Process(target=_child, args=(tenant_id, barrier, results)) for _ in range(count)]
    for child in children:
        child.start()
    found = [results.get(timeout=300) for _ in children]
    for child in children:
        child.join()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), UUID(sys.argv[2]))
