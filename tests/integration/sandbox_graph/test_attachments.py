from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox_graph.world import SALES, SUPPORT, Graph, Receiver, Sandbox

PREFER = {"Prefer": 'IdType="ImmutableId"'}
FILE, ITEM, REFERENCE = (f"#microsoft.graph.{kind}Attachment" for kind in ("file", "item", "reference"))
BASE = "id,name,contentType,size,isInline"
CAST = "microsoft.graph.fileAttachment/contentId"
LINK = {"name": "Plan 2027.docx", "sourceUrl": "https://contoso.example/sites/plans/Plan%202027.docx"}
MAIL = (
    b"From: Ada <ada@example.com>\r\nSubject: Pictures\r\nMessage-ID: <pictures@example.com>\r\n"
    b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\nContent-Type: text/html\r\n\r\n<img src="cid:logo@x">'
    b"\r\n--m\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename=logo.png\r\nContent-ID: <logo@x>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\n"
    b"From: in@example.com\r\n\r\ninner body\r\n--m--\r\n"
)


async def with_all_kinds(sandbox: Sandbox) -> str:
    message_id = await sandbox.deliver(SALES, MAIL)
    await sandbox.control("POST", f"/mailboxes/{SALES}/messages/{message_id}/reference-attachments", json=LINK)
    return message_id


async def listed(graph: Graph, message_id: str, select: str, how: str) -> list[dict[str, Any]]:
    """The attachments, by their own call or expanded in one of the calls on messages."""
    path = {
        "attachments": f"/me/messages/{message_id}/attachments?$select={select}",
        "message": f"/me/messages/{message_id}?$select=id&$expand=attachments($select={select})",
        "messages": f"/me/messages?$top=1&$select=id&$expand=attachments($select={select})",
        "delta": f"/me/mailFolders/inbox/messages/delta?$top=1&$select=id&$expand=attachments($select={select})",
    }[how]
    answer = await graph.call("GET", path, headers=PREFER)
    assert answer.status == 200, answer.raw
    body = answer.json if how == "message" else answer.json["value"][0]
    found: list[dict[str, Any]] = answer.json["value"] if how == "attachments" else body["attachments"]
    return found


@pytest.mark.parametrize("how", ["attachments", "message", "messages", "delta"])
async def test_every_list_tells_the_kinds_apart(sandbox: Sandbox, graph: Graph, how: str) -> None:
    message_id = await with_all_kinds(sandbox)
    file, item, reference = await listed(graph, message_id, BASE, how)
    assert [one["@odata.type"] for one in (file, item, reference)] == [FILE, ITEM, REFERENCE]
    assert [one["name"] for one in (file, item, reference)] == ["logo.png", "Inner", LINK["name"]]
    for one in (file, item, reference):
        assert set(one) == {"@odata.type", *BASE.split(",")}


@pytest.mark.parametrize("how", ["attachments", "message", "messages", "delta"])
async def test_a_files_own_property_is_selected_with_its_type(sandbox: Sandbox, graph: Graph, how: str) -> None:
    message_id = await with_all_kinds(sandbox)
    file, item, reference = await listed(graph, message_id, f"id,{CAST}", how)
    assert file["contentId"] == "logo@x"
    assert set(file) == {"@odata.type", "id", "contentId"}
    assert set(item) == set(reference) == {"@odata.type", "id"}


@pytest.mark.parametrize("name", ["contentId", "contentBytes", "microsoft.graph.itemAttachment/contentId", "nonsense"])
async def test_what_the_collections_type_does_not_have_is_refused(sandbox: Sandbox, graph: Graph, name: str) -> None:
    message_id = await with_all_kinds(sandbox)
    path = f"/me/messages/{message_id}"
    for query in (f"/attachments?$select={BASE},{name}", f"?$expand=attachments($select={BASE},{name})"):
        answer = await graph.call("GET", path + query, headers=PREFER)
        assert (answer.status, answer.json["error"]["code"]) == (400, "RequestBroker--ParseUri")
        assert f"Could not find a property named '{name.rpartition('/')[2]}' on type" in answer.json["error"]["message"]


async def test_without_a_selection_everything_is_shown(sandbox: Sandbox, graph: Graph) -> None:
    message_id = await with_all_kinds(sandbox)
    answer = await graph.call("GET", f"/me/messages/{message_id}/attachments", headers=PREFER)
    file, item, reference = answer.json["value"]
    assert (file["contentId"], file["contentBytes"], file["isInline"]) == ("logo@x", "AAEC", True)
    base = {"@odata.type", "id", "lastModifiedDateTime", "name", "contentType", "size", "isInline"}
    assert set(file) == base | {"contentId", "contentLocation", "contentBytes"}
    assert set(item) == set(reference) == base
    assert reference["contentType"].endswith("wordprocessingml.document")
    assert item["contentType"] is None


async def test_a_link_has_no_value(sandbox: Sandbox, graph: Graph) -> None:
    message_id = await with_all_kinds(sandbox)
    path = f"/me/messages/{message_id}/attachments"
    file, item, reference = (await graph.call("GET", path, headers=PREFER)).json["value"]
    statuses = [(await graph.call("GET", f"{path}/{one['id']}/$value")).status for one in (file, item, reference)]
    assert statuses == [200, 200, 405]
    single = await graph.call("GET", f"{path}/{reference['id']}?$expand=microsoft.graph.itemattachment/item")
    assert (single.json["@odata.type"], "item" in single.json) == (REFERENCE, False)
    expanded = await graph.call("GET", f"{path}/{item['id']}?$expand=microsoft.graph.itemattachment/item")
    assert expanded.json["item"]["hasAttachments"] is False


async def test_a_new_link_changes_the_message_and_is_kept(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url, changeType="updated")
    plain = b"Subject: plain\r\n\r\ntext"
    message_id = await sandbox.deliver(SALES, plain)
    path = f"/mailboxes/{SALES}/messages/{message_id}/reference-attachments"
    made = await sandbox.control("POST", path, json=LINK)
    [item] = await receiver.received(1)
    assert (item["changeType"], item["resourceData"]["id"]) == ("updated", message_id)
    sandbox.process.kill9_and_start()
    message = (await graph.call("GET", f"/me/messages/{message_id}", headers=PREFER)).json
    assert message["hasAttachments"] is True
    single = await graph.call("GET", f"/me/messages/{message_id}/attachments/{made['id']}")
    assert (single.json["@odata.type"], single.json["name"]) == (REFERENCE, LINK["name"])
    assert (await graph.call("GET", f"/me/messages/{message_id}/$value")).raw == plain


async def test_links_hang_on_messages_that_are_there(sandbox: Sandbox) -> None:
    message_id = await sandbox.deliver(SALES, MAIL)
    for address, shown, body, status in (
        (SALES, "nothing", LINK, 404),
        (SUPPORT, message_id, LINK, 404),
        (SALES, message_id, {"name": "x"}, 422),
        (SALES, message_id, {**LINK, "name": ""}, 422),
    ):
        url = f"{sandbox.base}/_sandbox/mailboxes/{address}/messages/{shown}/reference-attachments"
        async with sandbox.http.post(url, json=body) as answer:
            assert answer.status == status
