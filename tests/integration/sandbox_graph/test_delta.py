from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.integration.sandbox_graph.rounds import DELTA, OLD, PREFER, Rounds, fill, held, removed
from tests.integration.sandbox_graph.world import SALES, Graph, Sandbox
from tests.unit.sandbox_graph.fakes import simple_mail

LATER = "receivedDateTime gt 2100-01-01T00:00:00Z"


@pytest.fixture
async def rounds(sandbox: Sandbox, graph: Graph) -> Rounds:
    return Rounds(sandbox, graph)


async def test_the_first_round_shows_the_folder_in_pages_of_ten(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    await fill(sandbox, 17)
    pages = [await rounds.page(f"{DELTA}?$select=subject")]
    while "@odata.nextLink" in pages[-1]:
        pages.append(await rounds.page(rounds.link))
    assert [len(one["value"]) for one in pages] == [10, 10, 3]
    items = [item for one in pages for item in one["value"]]
    assert [one["id"] for one in items] == await held(graph)
    assert set(items[0]) == {"@odata.type", "@odata.etag", "id", "subject"}
    assert pages[0]["@odata.context"].endswith("/v1.0/$metadata#Collection(message)")
    assert set(pages[0]) == {"@odata.context", "@odata.nextLink", "value"}
    assert set(pages[2]) == {"@odata.context", "@odata.deltaLink", "value"}
    assert "?$skiptoken=" in pages[0]["@odata.nextLink"]
    assert urlsplit(pages[2]["@odata.deltaLink"]).query.startswith("$deltatoken=")
    assert await rounds.round() == []


async def test_later_rounds_tell_what_came_changed_and_left(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    kept, read, moved, deleted = await fill(sandbox, 4)
    await rounds.round(f"{DELTA}?$select=isRead,subject")
    await graph.call("PATCH", f"/me/messages/{read}", headers=PREFER, json={"isRead": True})
    await graph.call("POST", f"/me/messages/{moved}/move", headers=PREFER, json={"destinationId": "archive"})
    await graph.call("DELETE", f"/me/messages/{deleted}", headers=PREFER)
    new = await sandbox.deliver(SALES, simple_mail("new", "new"))
    items = await rounds.round()
    assert [one["id"] for one in items] == [read, moved, deleted, new]
    assert kept not in {one["id"] for one in items}
    assert (items[0]["isRead"], items[3]["isRead"]) == (True, False)
    assert items[1:3] == [removed(moved, "changed"), removed(deleted, "deleted")]
    assert set(items[3]) == {"@odata.type", "@odata.etag", "id", "subject", "isRead"}
    assert await rounds.round() == []


async def test_a_folder_tells_of_what_is_moved_into_it(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    [moved] = await fill(sandbox, 1)
    assert await rounds.round("/me/mailFolders/archive/messages/delta()") == []
    await graph.call("POST", f"/me/messages/{moved}/move", headers=PREFER, json={"destinationId": "archive"})
    assert [one["id"] for one in await rounds.round()] == [moved]
    await graph.call("POST", f"/me/messages/{moved}/move", headers=PREFER, json={"destinationId": "inbox"})
    assert await rounds.round() == [removed(moved, "changed")]


async def test_there_and_back_again_is_no_removal_where_ids_are_immutable(
    sandbox: Sandbox, graph: Graph, rounds: Rounds
) -> None:
    [moved] = await fill(sandbox, 1)
    regular = Rounds(sandbox, graph, {"Prefer": "odata.maxpagesize=100"})
    old = (await regular.round(f"{DELTA}?$select=id"))[0]["id"]
    await rounds.round(f"{DELTA}?$select=id")
    for destination in ("archive", "inbox"):
        await graph.call("POST", f"/me/messages/{moved}/move", headers=PREFER, json={"destinationId": destination})
    assert [one["id"] for one in await rounds.round()] == [moved]
    items = await regular.round()
    assert items[0] == removed(old, "changed")
    assert [one["id"] for one in items[1:]] != [old]
    assert len(items) == 2


async def test_ids_follow_the_header_of_each_call(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    [message_id] = await fill(sandbox, 1)
    assert (await rounds.round(f"{DELTA}?$select=id"))[0]["id"] == message_id
    await graph.call("PATCH", f"/me/messages/{message_id}", headers=PREFER, json={"isRead": True})
    rounds.headers = {"Prefer": "odata.maxpagesize=5"}
    [changed] = await rounds.round()
    assert changed["id"] != message_id
    assert changed["id"].startswith("AAMk")


@pytest.mark.parametrize("query", ["$top=4", ""])
async def test_the_page_size_is_that_of_top_or_of_the_header(sandbox: Sandbox, rounds: Rounds, query: str) -> None:
    await fill(sandbox, 6)
    rounds.headers = {"Prefer": "odata.maxpagesize=3"}
    size = 4 if query else 3
    assert len((await rounds.page(f"{DELTA}?{query}"))["value"]) == size
    assert len((await rounds.page(rounds.link))["value"]) == size


async def test_pages_of_a_later_round_show_each_change_once(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    await rounds.round(f"{DELTA}?$select=id&$top=3")
    new = await fill(sandbox, 7)
    await graph.call("DELETE", f"/me/messages/{new[0]}", headers=PREFER)
    assert [one["id"] for one in await rounds.round()] == [*new[1:], new[0]]


async def test_what_happens_during_a_round_is_in_the_next(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    first = await fill(sandbox, 6)
    page = await rounds.page(f"{DELTA}?$select=id&$top=4")
    shown = page["value"][0]["id"]
    await graph.call("DELETE", f"/me/messages/{shown}", headers=PREFER)
    during = await sandbox.deliver(SALES, simple_mail("during", "during"))
    rest = await rounds.round()
    assert shown == first[-1]
    assert during not in {one["id"] for one in rest}
    items = await rounds.round()
    assert [one["id"] for one in items] == [shown, during]
    assert items[0] == removed(shown, "deleted")


@pytest.mark.parametrize("kind", ["created", "updated", "deleted"])
async def test_a_change_type_counts_in_later_rounds(sandbox: Sandbox, graph: Graph, rounds: Rounds, kind: str) -> None:
    old = await fill(sandbox, 2)
    everything = await rounds.round(f"{DELTA}?changeType={kind}&$select=id")
    assert {one["id"] for one in everything} >= set(old)
    await graph.call("PATCH", f"/me/messages/{old[0]}", headers=PREFER, json={"isRead": True})
    await graph.call("DELETE", f"/me/messages/{old[1]}", headers=PREFER)
    new = await sandbox.deliver(SALES, simple_mail("new", "new"))
    await graph.call("PATCH", f"/me/messages/{new}", headers=PREFER, json={"isRead": True})
    expected = {"created": new, "updated": old[0], "deleted": old[1]}[kind]
    assert [one["id"] for one in await rounds.round()] == [expected]


async def test_the_filter_stays_in_later_rounds(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    before = await fill(sandbox, 1)
    assert await rounds.round(f"{DELTA}?$filter={LATER}&$select=id") == []
    for message_id in before:
        await graph.call("DELETE", f"/me/messages/{message_id}", headers=PREFER)
    await fill(sandbox, 1)
    assert await rounds.round() == []
    everything = await rounds.round(f"{DELTA}?$filter={OLD}&$orderby=receivedDateTime desc&$select=id")
    assert [one["id"] for one in everything] == await held(graph)
