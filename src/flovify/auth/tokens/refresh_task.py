"""The hourly refresh: no connection dies of being unused, and a dead one is noticed before mail arrives."""

from __future__ import annotations

import asyncio

from flovify.auth.errors import (
    AppCredentialInvalid,
    ReconnectRequired,
    TenantNotFound,
    TokenEndpointAway,
    VaultTampered,
)
from flovify.auth.tokens.service import TokenService
from flovify.common.logs import get_logger

EVERY_SECONDS = 3600.0
SOON_SECONDS = 15 * 60.0
IDLE_SECONDS = 20 * 3600.0
CALLS_PER_SECOND = 20


async def refresh_due_tokens(tokens: TokenService) -> None:
    """Refresh what ends within a quarter of an hour, and each tenant at least once a day; 20 calls a second at most.

    An access token is also refreshed when it is asked for. This run keeps the refresh token's 90 sliding days from
    lapsing (Entra: refresh-tokens) and notices a connection that is dead before mail arrives for it. One tenant's
    failure does not stop the others; a refused credential of our own stops the run, because every further call would
    fail alike.
    """
    outcomes = {"ok": 0, "reconnect_required": 0, "failed": 0}
    for tenant_id in await tokens.due_for_refresh(SOON_SECONDS, IDLE_SECONDS):
        try:
            await tokens.refresh_tenant_token(tenant_id)
            outcomes["ok"] += 1
        except ReconnectRequired:
            outcomes["reconnect_required"] += 1
        except AppCredentialInvalid:
            get_logger().error("token_refresh_run_stopped", outcomes=outcomes)
            return
        except (TokenEndpointAway, TenantNotFound, VaultTampered):
            outcomes["failed"] += 1
        await asyncio.sleep(1 / CALLS_PER_SECOND)
    get_logger().info("token_refresh_run", **outcomes)
