from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.unit.sandbox_graph.fakes import FOREIGN, OTHER, SALES, Bench, simple_mail

IMMUTABLE = 'IdType="ImmutableId"'
TEXT = 'outlook.body-content-type="text"'
RICH = (
    b"From: Ada <ada@example.com>\r\nTo: Sales <sales@contoso.example>, b@example.com\r\nCc: c@example.com\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <rich@example.com>\r\nImportance: high\r\n"
    b"Date: Fri, 20 Nov 2026 10:00:00 +0200\r\nX-Custom: one\r\n two\r\n"
    b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\nContent-Type: text/html\r\n\r\n<p>Hi <b>you</b></p>'
    b'\r\n--m\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n'
    b"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\nFrom: in@example.com\r\n\r\ninner body\r\n--m--\r\n"
)


async def test_a_message_has_the_fields_of_the_sample() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    body = await bench.get(f"/me/messages/{message.regular_id}")
    user = bench.directory.user_by_address(SALES)
    assert user is not None
    assert body["@odata.context"] == (f"https://graph.microsoft.com/v1.0/$metadata#users('{user.id}')/messages/$entity")
    assert body["@odata.etag"] == f'W/"{body["changeKey"]}"'
    assert body["subject"] == "Grüße"
    assert body["from"] == {"emailAddress": {"name": "Ada", "address": "ada@example.com"}} == body["sender"]
    assert [one["emailAddress"]["name"] for one in body["toRecipients"]] == ["Sales", "b@example.com"]
    assert (body["receivedDateTime"], body["sentDateTime"]) == ("2026-11-23T09:00:00Z", "2026-11-20T08:00:00Z")
    assert body["body"] == {"contentType": "html", "content": "<p>Hi <b>you</b></p>"}
    assert (body["bodyPreview"], body["importance"], body["hasAttachments"]) == ("Hi you", "high", True)
    assert (body["isRead"], body["isDraft"], body["flag"]) == (False, False, {"flagStatus": "notFlagged"})
    assert "internetMessageHeaders" not in body
    assert "uniqueBody" not in body


async def test_preferences_choose_ids_and_bodies_and_are_acknowledged() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    answer = await bench.call("GET", f"/me/messages/{message.regular_id}", prefer=f"{IMMUTABLE}, {TEXT}")
    assert answer.body["id"] == message.immutable_id
    assert answer.body["body"] == {"contentType": "text", "content": "Hi you"}
    assert answer.headers["Preference-Applied"] == f"{TEXT}, {IMMUTABLE}"
    assert (await bench.get(f"/me/messages/{message.immutable_id}"))["id"] == message.regular_id


@pytest.mark.parametrize("form", ["/me/messages/{}", "/me/messages('{}')", "/me/mailFolders('inbox')/messages/{}",
                                  "/users/sales%40contoso.example/mailfolders/Inbox/messages('{}')"])  # fmt: skip
async def test_every_way_to_write_the_path_leads_to_the_message(form: str) -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    for shown in (message.regular_id, quote(message.regular_id, safe="")):
        assert (await bench.get(form.format(shown)))["subject"] == "Grüße"


async def test_a_message_is_not_found_in_another_folder() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    answer = await bench.call("GET", f"/me/mailFolders/archive/messages/{message.regular_id}")
    assert (answer.status, answer.body["error"]["code"]) == (404, "ErrorItemNotFound")


async def test_select_shows_what_was_asked_and_the_id() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    body = await bench.get(f"/me/messages/{message.regular_id}?$select=Subject,internetMessageHeaders")
    assert set(body) == {"@odata.context", "@odata.etag", "id", "subject", "internetMessageHeaders"}
    assert {"name": "X-Custom", "value": "one two"} in body["internetMessageHeaders"]
    answer = await bench.call("GET", f"/me/messages/{message.regular_id}?$select=nonsense")
    assert answer.status == 400
    assert "Could not find a property named 'nonsense'" in answer.body["error"]["message"]


async def test_the_source_comes_back_byte_for_byte() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH + b"\xff\x00")
    answer = await bench.call("GET", f"/me/messages/{message.regular_id}/$value")
    assert (answer.status, answer.body, answer.content_type) == (200, RICH + b"\xff\x00", "text/plain")


async def test_attachments_are_files_and_messages() -> None:
    bench = Bench()
    path = f"/me/messages/{bench.mail.deliver(SALES, RICH).regular_id}/attachments"
    pdf, inner = (await bench.get(path))["value"]
    assert (pdf["@odata.type"], pdf["name"], pdf["size"]) == ("#microsoft.graph.fileAttachment", "a.pdf", 3)
    assert base64.b64decode(pdf["contentBytes"]) == b"\x00\x01\x02"
    assert (inner["@odata.type"], inner["name"]) == ("#microsoft.graph.itemAttachment", "Inner")
    assert "item" not in inner
    assert "contentBytes" not in inner
    expanded = await bench.get(f"{path}/{inner['id']}?$expand=microsoft.graph.itemattachment/item")
    assert expanded["item"]["subject"] == "Inner"
    assert expanded["item"]["body"]["content"].strip() == "inner body"
    raw = await bench.call("GET", f"{path}/{pdf['id']}/$value")
    assert (raw.body, raw.content_type) == (b"\x00\x01\x02", "application/pdf")
    listed = (await bench.get(f"{path}?$select=name,size"))["value"]
    assert set(listed[0]) == {"@odata.type", "id", "name", "size"}
    assert (await bench.call("GET", f"{path}/nothing")).status == 404


async def test_expanded_attachments_come_with_the_message() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    body = await bench.get(f"/me/messages/{message.regular_id}?$expand=attachments($select=id,name)")
    assert [one["name"] for one in body["attachments"]] == ["a.pdf", "Inner"]


async def deliver_many(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.mail.deliver(SALES, simple_mail(f"mail {number:02d}", str(number)))
        bench.clock.advance(60)


async def follow(bench: Bench, url: str) -> list[str]:
    """Subjects over all pages, following nextLink as it is given."""
    subjects: list[str] = []
    while url:
        page = await bench.get(url)
        subjects += [one["subject"] for one in page["value"]]
        following = page.get("@odata.nextLink", "")
        assert following.startswith("https://graph.microsoft.com/v1.0/") or not following
        url = following.removeprefix("https://graph.microsoft.com/v1.0")
    return subjects


async def test_pages_of_ten_newest_first_cover_everything_once() -> None:
    bench = Bench()
    await deliver_many(bench, 25)
    first = await bench.get("/me/messages?$count=true&$select=subject")
    assert (len(first["value"]), first["@odata.count"]) == (10, 25)
    assert parse_qs(urlsplit(first["@odata.nextLink"]).query)["$skip"] == ["10"]
    assert await follow(bench, "/me/messages?$select=subject") == [f"mail {one:02d}" for one in reversed(range(25))]
    assert len(await follow(bench, "/me/mailFolders/inbox/messages?$top=7&$orderby=subject asc")) == 25


async def test_a_page_size_can_be_preferred() -> None:
    bench = Bench()
    await deliver_many(bench, 5)
    assert len((await bench.get("/me/messages", prefer="odata.maxpagesize=3"))["value"]) == 3


async def test_filters_and_order() -> None:
    bench = Bench()
    await deliver_many(bench, 6)
    since = "receivedDateTime ge 2026-11-23T09:03:00Z"
    assert await follow(bench, f"/me/messages?$filter={since}&$top=2") == ["mail 05", "mail 04", "mail 03"]
    ordered = f"/me/messages?$filter={since}&$orderby=receivedDateTime asc"
    assert await follow(bench, ordered) == ["mail 03", "mail 04", "mail 05"]
    assert await follow(bench, "/me/messages?$filter=subject eq 'mail 01'") == ["mail 01"]
    answer = await bench.call("GET", f"/me/messages?$filter={since}&$orderby=subject")
    assert (answer.status, answer.body["error"]["code"]) == (400, "InefficientFilter")


@pytest.mark.parametrize(
    "query",
    ["$top=0", "$top=1001", "$top=x", "$skip=-1", "$filter=nonsense", "$filter=none eq 1", "$orderby=none",
     "$orderby=subject up", "$select=none", "$search=%22a%22", "$expand=none", "$top=%D9%A3"],
)  # fmt: skip
async def test_what_graph_refuses_in_a_query_is_refused(query: str) -> None:
    answer = await Bench().call("GET", f"/me/messages?{query}")
    assert answer.status == 400
    assert set(answer.body["error"]) == {"code", "message", "innerError"}


async def test_changes_are_made_and_refused() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    path = f"/me/messages/{message.regular_id}"
    before = message.etag
    answer = await bench.call("PATCH", path, {"isRead": True, "categories": ["red"], "flag": {"flagStatus": "flagged"}})
    assert (answer.status, answer.body["isRead"], answer.body["categories"]) == (200, True, ["red"])
    assert answer.body["@odata.etag"] != before
    for wrong in ({"subject": "no"}, {"isRead": "yes"}, {"flag": {"flagStatus": "x"}}, {"categories": [1]}):
        assert (await bench.call("PATCH", path, wrong)).status == 400
    assert (await bench.call("PATCH", path, [1])).status == 400


async def test_a_move_answers_the_new_id_and_the_old_one_is_gone() -> None:
    bench = Bench()
    old_id = bench.mail.deliver(SALES, RICH).regular_id
    moved = await bench.call("POST", f"/me/messages/{old_id}/move", {"destinationId": "deleteditems"})
    assert moved.status == 201
    assert moved.body["id"] != old_id
    assert (await bench.call("GET", f"/me/messages/{old_id}")).status == 404
    assert (await bench.get(f"/me/messages/{moved.body['id']}"))["parentFolderId"] == moved.body["parentFolderId"]
    for wrong in ({}, {"destinationId": 5}, {"destinationId": "nowhere"}):
        assert (await bench.call("POST", f"/me/messages/{moved.body['id']}/move", wrong)).status in (400, 404)


async def test_folders_count_their_mail() -> None:
    bench = Bench()
    await deliver_many(bench, 3)
    folders = {one["displayName"]: one for one in (await bench.get("/me/mailFolders"))["value"]}
    assert (folders["Inbox"]["totalItemCount"], folders["Inbox"]["unreadItemCount"]) == (3, 3)
    by_id = await bench.get(f"/me/mailFolders/{folders['Inbox']['id']}")
    assert by_id["displayName"] == "Inbox"
    assert (await bench.get("/me/mailFolders('SentItems')"))["totalItemCount"] == 0
    assert (await bench.call("GET", "/me/mailFolders/none")).status == 404
    assert (await bench.call("GET", "/me/mailFolders/none/messages")).status == 404


ALL_READS = [
    "/me/messages",
    "/me/messages/{}",
    "/me/messages/{}/$value",
    "/me/messages/{}/attachments",
    "/me/mailFolders",
]


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (["User.Read"], [403, 403, 403, 403, 403]),
        (["Mail.ReadBasic"], [200, 200, 403, 403, 200]),
        (["https://graph.microsoft.com/Mail.Read"], [200, 200, 200, 200, 200]),
        (["Mail.ReadWrite"], [200, 200, 200, 200, 200]),
    ],
)
async def test_scopes_decide_what_can_be_read(scopes: list[str], statuses: list[int]) -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, RICH)
    token = bench.grant(SALES, *scopes)
    answers = [await bench.call("GET", path.format(message.regular_id), token=token) for path in ALL_READS]
    assert [one.status for one in answers] == statuses
    write = await bench.call("PATCH", f"/me/messages/{message.regular_id}", {"isRead": True}, token=token)
    assert write.status == (200 if scopes == ["Mail.ReadWrite"] else 403)
    if scopes == ["Mail.ReadBasic"]:
        assert not {"body", "bodyPreview"} & set(answers[1].body)


async def test_a_delegated_token_reaches_its_own_mailbox_only() -> None:
    bench = Bench()
    message = bench.mail.deliver(OTHER, RICH)
    for url, status, code in (
        (f"/users/{OTHER}/messages", 403, "ErrorAccessDenied"),
        (f"/users/{FOREIGN}/messages", 404, "ErrorInvalidUser"),
        ("/users/nobody@contoso.example/messages", 404, "ErrorInvalidUser"),
        (f"/me/messages/{message.regular_id}", 404, "ErrorItemNotFound"),
        (f"/me/messages/{message.immutable_id}", 404, "ErrorItemNotFound"),
    ):
        answer = await bench.call("GET", url)
        assert (answer.status, answer.body["error"]["code"]) == (status, code)


async def test_an_app_reaches_its_tenant_but_never_me() -> None:
    bench = Bench()
    bench.mail.deliver(OTHER, RICH)
    token = bench.grant_app("Mail.Read", "User.Read.All")
    assert len((await bench.get(f"/users/{OTHER}/messages", token=token))["value"]) == 1
    assert (await bench.call("GET", f"/users/{FOREIGN}/messages", token=token)).status == 404
    assert (await bench.call("GET", "/me/messages", token=token)).status == 400
    assert (await bench.call("GET", "/me", token=token)).status == 400
    assert (await bench.get(f"/users/{OTHER}", token=token))["mail"] == OTHER
    assert (await bench.call("GET", f"/users/{FOREIGN}", token=token)).status == 404


async def test_users() -> None:
    bench = Bench()
    me = await bench.get("/me")
    assert (me["mail"], me["userPrincipalName"], me["displayName"]) == (SALES, SALES, "Sales Team")
    assert (await bench.get(f"/users/{me['id']}?$select=id,mail"))["mail"] == SALES
    assert (await bench.call("GET", f"/users/{OTHER}")).status == 403
    token = bench.grant(SALES, "Mail.Read")
    assert (await bench.call("GET", "/me", token=token)).status == 403


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer unknown", "bearer  "])
async def test_a_bad_token_is_refused_with_a_challenge(header: str) -> None:
    bench = Bench()
    request = bench.request("GET", "/me")
    answer = await bench.service.answer(type(request)(**{**request.__dict__, "headers": {"authorization": header}}))
    assert (answer.status, answer.body["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/", 400),
        ("GET", "/nonsense", 400),
        ("GET", "/me/nonsense", 400),
        ("POST", "/users", 405),
        ("GET", "/me/messages/delta", 400),
        ("GET", "/me/messages/x/nonsense", 400),
        ("GET", "/me/messages('unclosed/attachments", 400),
        ("PUT", "/me/messages", 405),
        ("DELETE", "/me", 405),
        ("GET", "/me/messages/%00%ff", 404),
    ],
)
async def test_unknown_paths_are_answered_in_graphs_shape(method: str, url: str, status: int) -> None:
    answer = await Bench().call(method, url)
    assert answer.status == status, answer.body
    error: dict[str, Any] = answer.body["error"]
    assert error["innerError"]["request-id"]
    if status == 400:
        assert error["message"].startswith("Resource not found for the segment")
