"""One id from Microsoft's request to the stored row, in the logs of every process on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.conftest import House
from tests.e2e.ground import rows, send
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]


def _lines(house: House, wanted: str) -> list[dict[str, Any]]:
    """What grep finds in all logs, in the order of time."""
    found = [json.loads(line) for line in house.stack.logs().splitlines() if wanted in line and line.startswith("{")]
    return sorted(found, key=lambda line: str(line["timestamp"]))


async def test_grep_of_the_id_in_the_row_finds_intake_and_settlement(house: House) -> None:
    mailbox = await house.connected()
    await send(house, mailbox, range(1))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    (row,) = await rows(house, "SELECT correlation_id FROM api.messages WHERE tenant_id = $1", mailbox.tenant_id)
    wanted = str(row["correlation_id"])
    # Each process's lines in their order. Between two there is none: a worker is woken by the commit that the api has
    # yet to tell of.
    way = {
        "api": ["notifications_stored"],
        "worker": ["events_settled"],
    }

    def told() -> dict[str, list[str]]:
        lines = [(line["service"], line["event"]) for line in _lines(house, wanted)]
        return {service: [event for one, event in lines if one == service and event in way[service]] for service in way}

    await until(lambda: all(told()[service][-1:] == way[service][-1:] for service in way), 15, "the last lines")
    assert told() == way
    # The same id finds the event by the console's search, and the request that brought it had it as its own.
    page = await house.stack.call("GET", f"{house.stack.api}/api/events", params={"q": wanted})
    assert [item["tenant_id"] for item in page["items"]] == [mailbox.tenant_id]
    assert page["items"][0]["id"] != wanted
