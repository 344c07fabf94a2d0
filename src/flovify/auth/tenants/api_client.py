"""What auth asks of the api, on its internal listener."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp

from flovify.common.errors import Unavailable
from flovify.common.logs import get_logger
from flovify.common.service_tokens import HEADER

TELL_SECONDS = 3.0


class ApiClient:
    """Calls with the service secret; failures are told apart by the caller's need."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, service_secret: str) -> None:
        self._session = session
        self._base_url = base_url
        self._headers = {HEADER: service_secret}

    async def remove_tenant(self, tenant_id: UUID) -> dict[str, Any]:
        """Have the subscriptions at Microsoft removed: {removed, left_to_expire}. Raises Unavailable."""
        url = f"{self._base_url}/api/internal/tenants/{tenant_id}"
        try:
            async with self._session.delete(url, headers=self._headers, allow_redirects=False) as answer:
                if answer.status == 200:
                    found: dict[str, Any] = await answer.json()
                    return found
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            status = 0
        raise Unavailable(
            "the account's subscriptions at Microsoft could not be removed "
            f"({f'the api answered {status}' if status else 'the api cannot be reached'}); "
            "the account stays as disconnecting, try again, or delete with ?force=true and let them expire",
            code="subscriptions_not_removed",
        )

    async def tell_reconnected(self, tenant_id: UUID) -> None:
        """Let waiting events go on at once; they would anyway, some minutes later, so a failure is only logged."""
        url = f"{self._base_url}/api/internal/tenants/{tenant_id}/reconnected"
        try:
            # A browser waits for this on its way back from Microsoft.
            timeout = aiohttp.ClientTimeout(total=TELL_SECONDS)
            async with self._session.post(url, headers=self._headers, allow_redirects=False, timeout=timeout) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            get_logger().warning("api_not_told", tenant_id=str(tenant_id), error=type(error).__name__)
            return
        if status >= 400:
            get_logger().warning("api_not_told", tenant_id=str(tenant_id), status=status)
