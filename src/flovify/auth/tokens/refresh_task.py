"""The hourly refresh: no connection dies of being unused, and a dead one is noticed before mail arrives."""

from __future__ import annotations

import asyncio
from uuid import UUID

from flovify.auth.errors import (
    AppCredentialInvalid,
    ReconnectRequired,
    TenantNotFound,
    TokenEndpointAway,
    VaultKeyMissing,
    VaultTampered,
)
from flovify.auth.tokens.models import APP, DueToken
from flovify.auth.tokens.service import TokenService, Wanted
from flovify.common.logs import get_logger

EVERY_SECONDS = 3600.0
SOON_SECONDS = 15 * 60.0
IDLE_SECONDS = 20 * 3600.0
CALLS_PER_SECOND = 20


async def refresh_due_tokens(tokens: TokenService) -> None:
    """Refresh what ends within a quarter of an hour, and each tenant at least once a day; 20 calls a second at most.

    An access token is also refreshed when it is asked for. This run keeps the refresh token's 90 sliding days from
    lapsing (Entra: refresh-tokens) and notices a connection that is dead before mail arrives for it. One tenant's
    failure does not stop the others; where a registration's credential is refused its other tenants are left out,
    because every further call would fail alike. Mailboxes read with the application's own token share one call for
    each organisation.
    """
    outcomes = {"ok": 0, "reconnect_required": 0, "failed": 0, "left_out": 0}
    refused: set[UUID | None] = set()
    for due in await tokens.due_for_refresh(SOON_SECONDS, IDLE_SECONDS):
        if due.registration_id in refused:
            outcomes["left_out"] += 1
            continue
        try:
            await _refresh(tokens, due)
            outcomes["ok"] += 1
        except ReconnectRequired:
            outcomes["reconnect_required"] += 1
        except AppCredentialInvalid as error:
            if error.everywhere:
                refused.add(due.registration_id)
            outcomes["left_out"] += 1
        except (TokenEndpointAway, TenantNotFound, VaultTampered, VaultKeyMissing):
            outcomes["failed"] += 1
        await asyncio.sleep(1 / CALLS_PER_SECOND)
    get_logger().info("token_refresh_run", **outcomes)


async def _refresh(tokens: TokenService, due: DueToken) -> None:
    if due.token_type == APP:
        await tokens.get_tenant_token(due.tenant_id, Wanted(min_seconds=int(SOON_SECONDS)))
    else:
        await tokens.refresh_tenant_token(due.tenant_id)
