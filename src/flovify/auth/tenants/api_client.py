"""What auth asks of the api, on its internal listener."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import aiohttp
import msgspec

from flovify.common.errors import FlovifyError, Unavailable
from flovify.common.logs import get_logger
from flovify.common.service_tokens import HEADER

TELL_SECONDS = 3.0
TEST_SECONDS = 180.0


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

    async def test_tenant(self, tenant_id: UUID) -> AsyncIterator[dict[str, Any]]:
        """The steps of a connection test, as they end. Raises FlovifyError as the api answers, and Unavailable."""
        url = f"{self._base_url}/api/internal/tenants/{tenant_id}/test"
        timeout = aiohttp.ClientTimeout(total=TEST_SECONDS)
        try:
            async with self._session.post(url, headers=self._headers, allow_redirects=False, timeout=timeout) as answer:
                if answer.status != 200:
                    raise await _problem(answer)
                async for line in answer.content:
                    yield msgspec.json.decode(line, type=dict[str, Any])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(
                f"the test broke off ({type(error).__name__}); does the api run, and is API_SERVICE_URL right?",
                code="api_unavailable",
            ) from None

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


async def _problem(answer: aiohttp.ClientResponse) -> FlovifyError:
    """The api's refusal, as it says it."""
    try:
        told: dict[str, Any] = await answer.json(content_type=None)
    except ValueError:
        told = {}
    return FlovifyError(
        str(told.get("detail") or f"the api answered {answer.status}"),
        code=str(told.get("code") or "api_refused"),
        http_status=answer.status,
    )
