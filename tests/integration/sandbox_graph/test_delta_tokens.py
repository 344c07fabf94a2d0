from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from tests.integration.sandbox_graph.rounds import DELTA, OLD, PREFER, Rounds, fill, held, removed
from tests.integration.sandbox_graph.world import SALES, SUPPORT, Graph, Sandbox
from tests.unit.sandbox_graph.fakes import simple_mail


@pytest.fixture
async def rounds(sandbox: Sandbox, graph: Graph) -> Rounds:
    return Rounds(sandbox, graph)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("$filter=isRead eq false", "$filter"),
        ("$filter=receivedDateTime le 2030-01-01T00:00:00Z", "$filter"),
        (f"$filter={OLD} and isRead eq false", "$filter"),
        ("$orderby=receivedDateTime asc", "$orderby"),
        ("$orderby=subject", "$orderby"),
        ('$search="order"', "$search"),
        ("$skip=3", "$skip"),
        ("$count=true", "$count"),
        ("changeType=moved", "changeType"),
        ("$select=nonsense", "nonsense"),
    ],
)
async def test_other_options_are_refused(graph: Graph, query: str, named: str) -> None:
    answer = await graph.call("GET", f"{DELTA}?{quote(query, safe='$=&')}")
    assert answer.status == 400
    assert named in answer.json["error"]["message"]


@pytest.mark.parametrize("name", ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"])
async def test_a_delta_is_of_one_folder(sandbox: Sandbox, graph: Graph, name: str) -> None:
    me = (await graph.call("GET", "/me")).json["id"]
    answer = await graph.call("GET", f"/users/{me}/mailFolders/inbox/messages/{name}?$top=1")
    assert answer.status == 200
    assert (await graph.call("GET", f"/users/{me}/messages/{name}")).status == 400
    assert (await graph.call("GET", f"/me/mailFolders/nowhere/messages/{name}")).status == 404
    assert (await graph.call("POST", f"/me/mailFolders/inbox/messages/{name}", json={})).status == 405


@pytest.mark.parametrize("token", ["$deltatoken=latest", "$skiptoken=GwcBoTmPuoTQWfcsAbkYM", "$deltatoken="])
async def test_unknown_tokens_are_gone_with_a_place_to_begin_anew(sandbox: Sandbox, graph: Graph, token: str) -> None:
    answer = await graph.call("GET", f"{DELTA}?{token}")
    assert (answer.status, answer.json["error"]["code"]) == (410, "SyncStateNotFound")
    assert answer.headers["Location"] == f"{sandbox.base}/v1.0{DELTA}"


async def test_a_token_is_good_for_its_own_folder_only(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    await rounds.round(f"{DELTA}?$select=id")
    token = urlsplit(rounds.link).query
    assert (await graph.call("GET", f"{DELTA}?{token}")).status == 200
    assert (await graph.call("GET", f"/me/mailFolders/archive/messages/delta?{token}")).status == 410
    assert (await graph.call("GET", f"{DELTA}?{token[:-4]}")).status == 410
    support = await sandbox.sign_in(SUPPORT)
    assert (await support.call("GET", f"{DELTA}?{token}")).status == 410


async def test_tokens_can_be_made_to_expire(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    await fill(sandbox, 3)
    page = await rounds.page(f"{DELTA}?$select=id&$filter={OLD}&$top=2")
    await sandbox.control("POST", f"/mailboxes/{SALES}/delta/expire")
    gone = await rounds.ask(page["@odata.nextLink"])
    assert (gone.status, gone.json["error"]["code"]) == (410, "SyncStateNotFound")
    items = await rounds.round(gone.headers["Location"])
    assert [one["id"] for one in items] == await held(graph)
    assert set(items[0]) == {"@odata.type", "@odata.etag", "id"}
    assert await rounds.round() == []


async def test_expired_tokens_may_be_answered_with_400(sandbox: Sandbox, rounds: Rounds) -> None:
    await rounds.round(f"{DELTA}?$select=id")
    await sandbox.control("POST", f"/mailboxes/{SALES}/delta/expire", json={"status": 400})
    bad = await rounds.ask(rounds.link)
    assert (bad.status, bad.json["error"]["code"]) == (400, "SyncStateNotFound")
    assert "Location" not in bad.headers
    async with sandbox.http.post(f"{sandbox.base}/_sandbox/mailboxes/{SALES}/delta/expire", json={"status": 500}) as no:
        assert no.status == 422
    async with sandbox.http.post(f"{sandbox.base}/_sandbox/mailboxes/no@where.example/delta/expire") as no:
        assert no.status == 404


async def test_rounds_go_on_after_a_restart(sandbox: Sandbox, graph: Graph, rounds: Rounds) -> None:
    read, moved, deleted = await fill(sandbox, 3)
    await rounds.round(f"{DELTA}?$select=id")
    await graph.call("PATCH", f"/me/messages/{read}", headers=PREFER, json={"isRead": True})
    await graph.call("POST", f"/me/messages/{moved}/move", headers=PREFER, json={"destinationId": "archive"})
    await graph.call("DELETE", f"/me/messages/{deleted}", headers=PREFER)
    sandbox.process.kill9_and_start()
    # The old connection is dead; a GET is asked again on a new one, a POST is not.
    assert (await graph.call("GET", "/me")).status == 200
    new = await sandbox.deliver(SALES, simple_mail("new", "new"))
    items = await rounds.round()
    assert [one["id"] for one in items] == [read, moved, deleted, new]
    assert items[1:3] == [removed(moved, "changed"), removed(deleted, "deleted")]


async def test_a_reset_ends_all_rounds(sandbox: Sandbox, rounds: Rounds) -> None:
    await rounds.round(f"{DELTA}?$select=id")
    await sandbox.control("POST", "/reset")
    again = Rounds(sandbox, await sandbox.sign_in(SALES))
    assert (await again.ask(rounds.link)).status == 410


async def test_a_basic_permission_shows_no_bodies(sandbox: Sandbox) -> None:
    basic = await sandbox.sign_in(SALES, "openid Mail.ReadBasic")
    items = (await basic.call("GET", DELTA)).json["value"]
    assert items
    assert "body" not in items[0]
