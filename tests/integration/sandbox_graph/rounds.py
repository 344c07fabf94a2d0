"""A client of delta queries, and what it is given to see."""

from __future__ import annotations

from typing import Any

from tests.integration.sandbox_graph.world import SALES, Answer, Graph, Sandbox
from tests.unit.sandbox_graph.fakes import simple_mail

DELTA = "/me/mailFolders('inbox')/messages/delta"
PREFER = {"Prefer": 'IdType="ImmutableId"'}
OLD = "receivedDateTime ge 2020-01-01T00:00:00Z"


class Rounds:
    """Follows a client's rounds, links as they are given."""

    def __init__(self, sandbox: Sandbox, graph: Graph, headers: dict[str, str] | None = None) -> None:
        self._base = f"{sandbox.base}/v1.0"
        self._graph = graph
        self.headers = headers or PREFER
        self.link = ""

    async def ask(self, address: str) -> Answer:
        path = address.removeprefix(self._base)
        assert path.startswith("/"), address
        return await self._graph.call("GET", path, headers=self.headers)

    async def page(self, address: str) -> dict[str, Any]:
        answer = await self.ask(address)
        assert answer.status == 200, answer.raw
        found: dict[str, Any] = answer.json
        self.link = found.get("@odata.nextLink", "") or found["@odata.deltaLink"]
        return found

    async def round(self, address: str = "") -> list[dict[str, Any]]:
        """Everything of one round; afterwards `link` begins the next one."""
        page = await self.page(address or self.link)
        items: list[dict[str, Any]] = page["value"]
        while "@odata.nextLink" in page:
            page = await self.page(self.link)
            items += page["value"]
        return items


def removed(message_id: str, reason: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.message", "id": message_id, "@removed": {"reason": reason}}


async def fill(sandbox: Sandbox, count: int) -> list[str]:
    return [await sandbox.deliver(SALES, simple_mail(f"mail {one}", str(one))) for one in range(count)]


async def held(graph: Graph) -> list[str]:
    """The ids in the Inbox, newest first."""
    answer = await graph.call("GET", "/me/mailFolders/inbox/messages?$select=id&$top=1000", headers=PREFER)
    return [one["id"] for one in answer.json["value"]]
