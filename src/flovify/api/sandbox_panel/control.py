"""The sandbox's control routes, which are no part of Graph (docs/sandbox.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from flovify.api.sandbox_panel.models import SandboxUser
from flovify.common.errors import FlovifyError, NotFound, Unavailable
from flovify.common.http import ResponseTooLarge, read_capped

_SECONDS = aiohttp.ClientTimeout(total=10)


class SandboxControl:
    """Calls of the stand-in at `base_url`. Every method raises Unavailable when it does not answer as the sandbox does,
    and NotFound when what it was asked about is not there.
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")

    async def users(self) -> list[SandboxUser]:
        items = (await self._call("GET", "/mailboxes"))["items"]
        return [SandboxUser(one["id"], one["address"], one["display_name"], one["tenant_id"]) for one in items]

    async def smtp(self) -> tuple[str, int] | None:
        """Where it takes mail in; None from a sandbox that does not say."""
        told = (await self._call("GET", "/about")).get("smtp")
        return (str(told["host"]), int(told["port"])) if told else None

    async def deliver(self, address: str, raw: bytes) -> tuple[str, str]:
        """Put a message into a mailbox: (its id, its internetMessageId)."""
        made = await self._call("POST", f"/mailboxes/{_part(address)}/messages", raw)
        return str(made["id"]), str(made["internet_message_id"])

    async def add_fault(self, fault: Mapping[str, object]) -> str:
        return str((await self._call("POST", "/faults", msgspec.json.encode(fault)))["id"])

    async def faults(self) -> set[str]:
        """The ids of those in force."""
        return {str(one["id"]) for one in (await self._call("GET", "/faults"))["items"]}

    async def remove_fault(self, fault_id: str) -> None:
        await self._call("DELETE", f"/faults?id={_part(fault_id)}")

    async def drop_notifications(self, address: str, *, dropped: bool) -> None:
        body = msgspec.json.encode({"dropped": dropped})
        await self._call("PUT", f"/mailboxes/{_part(address)}/notifications", body)

    async def expire_subscription(self, graph_id: str) -> None:
        await self._call("POST", f"/subscriptions/{_part(graph_id)}/expire")

    async def remove_subscription(self, graph_id: str) -> None:
        """It sends the lifecycle notification too."""
        await self._call("POST", f"/subscriptions/{_part(graph_id)}/removed")

    async def revoke(self, address: str) -> None:
        """Take back what a user granted; its tokens end."""
        await self._call("POST", f"/grants/{_part(address)}/revoke")

    async def consents(self, organization: str) -> tuple[str, list[dict[str, Any]]]:
        """(the domain of an organisation, what its administrators granted to which application)."""
        for one in (await self._call("GET", "/organizations"))["items"]:
            if one["tenant_id"] == organization:
                return str(one["domain"]), list(one["consents"])
        raise NotFound("The sandbox has no such organisation.")

    async def withdraw(self, domain: str, client_id: str) -> None:
        await self._call("DELETE", f"/organizations/{_part(domain)}/consents/{_part(client_id)}")

    async def grant(self, domain: str, consent: Mapping[str, object]) -> None:
        await self._call("POST", f"/organizations/{_part(domain)}/consents", msgspec.json.encode(consent))

    async def _call(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        url = f"{self._base_url}/_sandbox{path}"
        try:
            async with self._session.request(method, url, data=body, allow_redirects=False, timeout=_SECONDS) as answer:
                content = await read_capped(answer)
                status = answer.status
            told = msgspec.json.decode(content, type=dict[str, Any])
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge, msgspec.DecodeError):
            raise _away() from None
        if status >= 400:
            raise _refused(status, told)
        return told


def _refused(status: int, told: Mapping[str, Any]) -> FlovifyError:
    detail = str(told.get("detail") or f"The sandbox answered {status}.")
    if status == 404:
        return NotFound(detail)
    return FlovifyError(detail, code="sandbox_refused", http_status=409) if status < 500 else _away()


def _away() -> Unavailable:
    return Unavailable(
        "The sandbox does not answer. See that its process runs, and that MICROSOFT_GRAPH_URL is its address.",
        code="sandbox_unavailable",
    )


def _part(value: str) -> str:
    return quote(value, safe="")
