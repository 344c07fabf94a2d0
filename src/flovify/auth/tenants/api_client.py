"""What auth asks of the api, on its internal listener."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

import aiohttp
import msgspec

from flovify.auth.tenants.models import DeleteMessages, Subscribe
from flovify.common.errors import FlovifyError, Unavailable
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.logs import get_logger
from flovify.common.service_tokens import HEADER

TELL_SECONDS = 3.0
TEST_SECONDS = 180.0
REMOVE_SECONDS = 110.0
MAX_ANSWER = 2**20


class ApiClient:
    """Calls with the service secret; failures are told apart by the caller's need."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, service_secret: str) -> None:
        self._session = session
        self._base_url = base_url
        self._headers = {HEADER: service_secret}
        self._telling: set[asyncio.Task[bool]] = set()

    async def remove_tenant(self, tenant_id: UUID, delete_messages: DeleteMessages | None = None) -> dict[str, Any]:
        """Have the subscriptions at Microsoft removed: {removed, left_to_expire}.

        With `delete_messages` its stored mail is deleted by and by; removal_id names that order. Raises Unavailable.
        """
        url = f"{self._base_url}/api/internal/tenants/{tenant_id}"
        query = {"delete_messages": "true"} if delete_messages else {}
        # Not in the URL: addresses are nobody's business who reads a log.
        body = asdict(delete_messages) if delete_messages else None
        timeout = aiohttp.ClientTimeout(total=REMOVE_SECONDS)
        try:
            async with self._session.delete(
                url, params=query, json=body, headers=self._headers, allow_redirects=False, timeout=timeout
            ) as answer:
                if answer.status == 200:
                    return await _fields(answer)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, ResponseTooLarge):
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
                async for line in _lines(answer):
                    yield msgspec.json.decode(line, type=dict[str, Any])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, ResponseTooLarge) as error:
            raise Unavailable(
                f"the test broke off ({type(error).__name__}); does the api run, and is API_SERVICE_URL right?",
                code="api_unavailable",
            ) from None

    async def tell_connected(self, tenant_id: UUID, subscribe: Subscribe | None) -> bool:
        """Let waiting events go on at once, and have a folder subscribed; whether the api has taken it.

        A failure is only logged: events go on by themselves some minutes later, and a wish is told again.
        """
        path = f"/api/internal/tenants/{tenant_id}/connected"
        # A browser waits for this on its way back from Microsoft.
        return await self._tell(path, {"subscribe": subscribe}, tenant_id)

    def announce(self, tenant_id: UUID) -> None:
        """Say that an account changed, to whoever looks at it; nobody waits for that."""
        task = asyncio.create_task(self._tell("/api/internal/live", _changed(tenant_id), tenant_id))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Let what is being told be finished; each has its own time limit."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _tell(self, path: str, body: dict[str, str | None], tenant_id: UUID) -> bool:
        log = get_logger(tenant_id=str(tenant_id), path=path)
        timeout = aiohttp.ClientTimeout(total=TELL_SECONDS)
        try:
            async with self._session.post(
                self._base_url + path, json=body, headers=self._headers, allow_redirects=False, timeout=timeout
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("api_not_told", error=type(error).__name__)
            return False
        if status >= 400:
            log.warning("api_not_told", status=status)
        return status < 400


async def _fields(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Raises ValueError and ResponseTooLarge."""
    return msgspec.json.decode(await read_capped(answer, MAX_ANSWER), type=dict[str, Any])


async def _lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """A streamed answer by the line, as they come. Raises ResponseTooLarge, and ValueError for an endless line."""
    size = 0
    async for line in answer.content:
        size += len(line)
        if size > MAX_ANSWER:
            answer.close()
            raise ResponseTooLarge(f"answer longer than {MAX_ANSWER} bytes")
        yield line


def _changed(tenant_id: UUID) -> dict[str, str | None]:
    return {"kind": "account.updated", "ref": str(tenant_id)}


async def _problem(answer: aiohttp.ClientResponse) -> FlovifyError:
    """The api's refusal, as it says it."""
    try:
        told = await _fields(answer)
    except (ValueError, ResponseTooLarge):
        told = {}
    return FlovifyError(
        str(told.get("detail") or f"the api answered {answer.status}"),
        code=str(told.get("code") or "api_refused"),
        http_status=answer.status,
    )
