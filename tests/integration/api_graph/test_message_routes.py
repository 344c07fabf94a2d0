from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from flovify.api.graph.normalize import normalize
from flovify.api.messages.models import StoredRef
from flovify.api.messages.source_only import minimal
from flovify.api.messages.store import publish, upsert_messages
from flovify.api.providers.models import Fetched
from tests.integration.api_graph.running import Api, Mailbox
from tests.integration.api_graph.samples import message
from tests.support.tables import Tables

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/messages"
KINDS = ("message", "eventMessage", "eventMessageRequest", "eventMessageResponse")


def mail(subject: str = "Plans") -> EmailMessage:
    """One text, one inline picture, one attachment with a name that wants care, one page of HTML."""
    made = EmailMessage()
    made["From"] = "Ada Lovelace <ada@contoso.example>"
    made["To"] = "Bob <bob@fabrikam.example>"
    made["Subject"] = subject
    made["Date"] = "Sun, 01 Mar 2026 12:00:00 +0000"
    made["Message-ID"] = f"<{uuid.uuid4().hex}@contoso.example>"
    made.set_content("See the plan.")
    made.add_alternative("<p>See the <b>plan</b>.</p>", subtype="html")
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename='../"Plän";\r\n.pdf')
    made.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="page.html")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="picture.png")
    return made


async def fetch_and_store(api: Api, tenant: uuid.UUID, mailbox: Mailbox, *ids: str) -> list[StoredRef]:
    """What the worker does, without the worker."""
    started = datetime.now(UTC)
    token = await api.deps.auth.request_tenant_token(tenant)
    api.deps.auth.forget(tenant)  # the worker is another process: the api has not asked for a token yet
    assert token.external_account_id == mailbox.object_id
    found = await api.deps.providers.of(token).fetch(token, ids)
    fetched = [item.message for item in found.values() if isinstance(item, Fetched)]
    assert len(fetched) == len(ids), found
    async with api.deps.pool.acquire() as connection, connection.transaction():
        refs = await upsert_messages(
            connection, tenant, "ms365", [normalize(item) for item in fetched], fetched_at=started
        )
        await publish(connection, refs)
        return refs


async def delivered(api: Api, made: EmailMessage | None = None) -> tuple[uuid.UUID, Mailbox, str, bytes]:
    """A connected mailbox with one stored message: (tenant, mailbox, our id, source)."""
    tenant, mailbox = await api.connect()
    source = (made or mail()).as_bytes()
    message_id = await api.sandbox.deliver(mailbox, source)
    [ref] = await fetch_and_store(api, tenant, mailbox, message_id)
    return tenant, mailbox, str(ref.id), source


async def test_message_reads_back_with_every_field(api: Api) -> None:
    tenant, mailbox, message_id, _ = await delivered(api)
    found = (await api.call("GET", f"{PATH}/{message_id}", role="viewer")).body
    assert found["tenant_id"] == str(tenant)
    assert found["subject"] == "Plans"
    assert found["from"] == {"name": "Ada Lovelace", "address": "ada@contoso.example"}
    assert found["to"] == [{"name": "Bob", "address": "bob@fabrikam.example"}]
    assert "See the plan" in found["body_text"]
    assert "<b>plan</b>" in found["body_html"]
    assert found["has_attachments"] is True
    assert [item["name"] for item in found["attachments"]][1:] == ["page.html", "picture.png"]
    assert {"Subject", "Message-ID"} <= {item["name"] for item in found["headers"]}
    assert found["sent_at"] == "2026-03-01T12:00:00Z"
    assert found["raw"]["internetMessageId"] == found["internet_message_id"]
    assert mailbox.token not in str(found)


async def test_source_is_the_mail_as_it_was_sent(api: Api) -> None:
    _, _, message_id, source = await delivered(api)
    answer = await api.call("GET", f"{PATH}/{message_id}/raw", role="viewer")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Plans.eml"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert source.splitlines()[-1] in answer.content
    assert b"Subject: Plans" in answer.content


async def test_attachments_come_for_saving_and_never_run(api: Api) -> None:
    _, _, message_id, _ = await delivered(api)
    listed = (await api.call("GET", f"{PATH}/{message_id}")).body["attachments"]
    answers = [await api.call("GET", f"{PATH}/{message_id}/attachments/{item['id']}", role="viewer") for item in listed]
    assert [answer.content for answer in answers] == [b"%PDF-1", b"<script>alert(1)</script>", b"\x89PNG"]
    types = [answer.headers["Content-Type"] for answer in answers]
    assert types == ["application/octet-stream", "application/octet-stream", "image/png"]
    for answer in answers:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "/" not in answer.headers["Content-Disposition"]


async def test_attachment_of_another_message_is_not_found(api: Api) -> None:
    _, _, first, _ = await delivered(api)
    _, _, second, _ = await delivered(api)
    [wanted, *_] = (await api.call("GET", f"{PATH}/{first}")).body["attachments"]
    answer = await api.call("GET", f"{PATH}/{second}/attachments/{wanted['id']}")
    assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_message_deleted_at_microsoft_is_gone_but_readable(api: Api) -> None:
    _, mailbox, message_id, _ = await delivered(api)
    found = (await api.call("GET", f"{PATH}/{message_id}")).body
    provider_id, attachment = found["provider_message_id"], found["attachments"][0]["id"]
    missing = {"error": {"code": "ErrorItemNotFound", "message": "gone"}}
    await api.sandbox.fault("GET", f"*{provider_id}*", status=404, body=missing)
    for path in ("raw", f"attachments/{attachment}"):
        answer = await api.call("GET", f"{PATH}/{message_id}/{path}")
        assert (answer.status, answer.body["code"]) == (410, "message_gone")
    assert (await api.call("GET", f"{PATH}/{message_id}")).status == 200
    assert mailbox.address


async def test_source_kept_here_stands_in_when_microsoft_cannot_give_it(api: Api) -> None:
    tenant, _ = await api.connect()
    async with api.deps.pool.acquire() as connection, connection.transaction():
        [ref] = await upsert_messages(
            connection,
            tenant,
            "ms365",
            [minimal("no-such-id", b"From: x\r\n\r\nkept", "why")],
            fetched_at=datetime.now(UTC),
        )
        await publish(connection, [ref])
    answer = await api.call("GET", f"{PATH}/{ref.id}/raw")
    assert (answer.status, answer.content) == (200, b"From: x\r\n\r\nkept")
    assert (await api.call("GET", f"{PATH}/{ref.id}")).body["decode_note"] == "why"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 503}, 503, "graph_unavailable"),
        ({"status": 429, "headers": {"Retry-After": "17"}}, 503, "graph_throttled"),
        ({"status": 403}, 409, "mailbox_access_denied"),
        ({"drop": "before"}, 503, "graph_unavailable"),
    ],
)
async def test_microsofts_refusals_are_explained(api: Api, fault: dict[str, object], status: int, code: str) -> None:
    _, _, message_id, _ = await delivered(api)
    await api.sandbox.fault("GET", "*/$value", **fault)
    answer = await api.call("GET", f"{PATH}/{message_id}/raw")
    assert (answer.status, answer.body["code"]) == (status, code)
    if code == "graph_throttled":
        assert answer.headers["Retry-After"] == "17"


async def test_dead_sign_in_is_explained(api: Api) -> None:
    tenant, _, message_id, _ = await delivered(api)
    api.auth.tenants[tenant].refusal = (409, "reconnect_required")
    answer = await api.call("GET", f"{PATH}/{message_id}/raw")
    assert (answer.status, answer.body["code"]) == (409, "reconnect_required")


async def test_many_downloads_nobody_reads_block_none_that_follow(api: Api) -> None:
    _, _, message_id, _ = await delivered(api)
    header = api.auth.bearer()
    for _ in range(8):
        async with api.http.get(f"{api.public}{PATH}/{message_id}/raw", headers=header) as answer:
            answer.close()
    good = await asyncio.wait_for(api.call("GET", f"{PATH}/{message_id}/raw"), 20)
    assert good.status == 200


async def test_fetch_message_gives_the_present_state(api: Api) -> None:
    tenant, mailbox = await api.connect()
    provider_id = await api.sandbox.deliver(mailbox, mail("Now").as_bytes())
    found = await api.deps.messages.fetch_message(tenant, provider_id)
    assert (found.subject, found.provider_message_id) == ("Now", provider_id)


async def put(api: Api, tenant: uuid.UUID, *subjects: str, **fields: Any) -> None:
    for subject in subjects:
        async with api.deps.pool.acquire() as connection, connection.transaction():
            refs = await upsert_messages(
                connection, tenant, "ms365", [message(f"id-{subject}", subject, **fields)], fetched_at=datetime.now(UTC)
            )
            await publish(connection, refs)


async def test_feed_is_read_on_from_where_it_was_left(api: Api) -> None:
    tenant = uuid.uuid4()
    await put(api, tenant, "a", "b", "c")
    first = (await api.call("GET", f"{PATH}?limit=2", role="viewer")).body
    second = (await api.call("GET", f"{PATH}?limit=2&after={first['next']}")).body
    assert [item["subject"] for item in (*first["items"], *second["items"])] == ["a", "b", "c"]
    end = (await api.call("GET", f"{PATH}?limit=2&after={second['next']}")).body
    assert end == {"items": [], "next": None}
    await put(api, tenant, "d")
    later = (await api.call("GET", f"{PATH}?limit=2&after={second['next']}")).body
    assert [item["subject"] for item in later["items"]] == ["d"]


async def test_list_searches_and_narrows(api: Api) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    await put(api, mine, "red apple", "green pear")
    await put(api, other, "red cherry")

    async def subjects(query: str) -> list[str]:
        return [item["subject"] for item in (await api.call("GET", f"{PATH}?{query}")).body["items"]]

    assert await subjects(f"tenant_id={mine}") == ["red apple", "green pear"]
    assert await subjects("q=red") == ["red apple", "red cherry"]
    assert await subjects(f"q=red&tenant_id={mine}") == ["red apple"]
    assert await subjects(f"tenant_id={uuid.uuid4()}") == []
    assert await subjects("order=newest&limit=1") == ["red cherry"]
    assert await subjects("since=2026-04-01T00:00:00Z") == []


async def test_list_is_narrowed_to_a_kind_in_either_order(api: Api) -> None:
    tenant = uuid.uuid4()
    await put(api, tenant, "plain")
    await put(api, tenant, "invitation", **{"@odata.type": "#microsoft.graph.eventMessageRequest"})
    for order in ("stored", "newest"):
        path = f"{PATH}?tenant_id={tenant}&order={order}"
        found = {kind: (await api.call("GET", f"{path}&kind={kind}")).body["items"] for kind in KINDS}
        assert [[item["subject"] for item in found[kind]] for kind in KINDS] == [["plain"], [], ["invitation"], []]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "tenant_id=x",
        "after=nonsense",
        "after=",
        "after=%C3%A9",
        "q=a%00b",
        "since=2026-01-01T00:00:00",
        "since=never",
        "order=sideways",
        "kind=letter",
        "q=" + "x" * 1001,
    ],
)
async def test_malformed_queries_are_422(api: Api, query: str) -> None:
    answer = await api.call("GET", f"{PATH}?{query}")
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_unknown_message_and_missing_sign_in(api: Api) -> None:
    for path in ("", "/raw", "/attachments/a"):
        answer = await api.call("GET", f"{PATH}/{uuid.uuid4()}{path}")
        assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert (await api.call("GET", f"{PATH}/nonsense")).status == 422
    assert (await api.call("GET", PATH, role=None)).status == 401


async def _left(tables: Tables) -> list[tuple[str, str, str, dict[str, Any]]]:
    """The entries since the last look: action, by whom, about what, details."""
    rows = await tables.pool.fetch("SELECT * FROM api.audit_log ORDER BY id")
    await tables.owner.execute("DELETE FROM api.audit_log")
    return [(row["action"], row["actor"], row["subject"], row["details"]) for row in rows]


async def test_every_reading_of_mail_is_in_the_audit_log_whoever_reads(api: Api, tables: Tables) -> None:
    tenant, _, message_id, _ = await delivered(api)
    message = (await api.call("GET", f"{PATH}/{message_id}", role="viewer")).body
    attachment = message["attachments"][1]["id"]
    account = {"tenant_id": str(tenant)}
    page = {"messages": 1, "first": message_id, "last": message_id}
    calls: dict[str, tuple[str, str, dict[str, Any]]] = {
        f"{PATH}/{message_id}": ("message.read", message_id, account),
        f"{PATH}/{message_id}/body": ("message.body_opened", message_id, {**account, "images": False}),
        f"{PATH}/{message_id}/raw": ("message.source_opened", message_id, account),
        f"{PATH}/{message_id}/attachments/{attachment}": (
            "message.attachment_opened",
            message_id,
            {**account, "attachment_id": attachment},
        ),
        f"{PATH}?tenant_id={tenant}": ("messages.read", str(tenant), page),
        f"{PATH}?order=newest": ("messages.read", "all accounts", page),
    }
    await _left(tables)
    program = {"Authorization": f"Bearer {api.auth.make_key('messages:read')}"}
    for path, (action, subject, details) in calls.items():
        for headers, actor in ((api.auth.bearer("viewer"), "a@b.example"), (program, "API key n8n")):
            answer = await api._send("GET", api.public + path, None, headers)
            assert answer.status == 200, path
            [entry] = await _left(tables)
            assert entry == (action, actor, subject, details), path
    await api.call("GET", f"{PATH}/{message_id}")
    assert await tables.pool.fetchval("SELECT address FROM api.audit_log") == "127.0.0.1"


async def test_what_gave_nothing_to_read_leaves_no_entry(api: Api, tables: Tables) -> None:
    _, _, message_id, _ = await delivered(api)
    end = (await api.call("GET", PATH)).body["next"]
    await _left(tables)
    for path, status in (
        (f"{PATH}?after={end}", 200),
        (f"{PATH}/{uuid.uuid4()}", 404),
        (f"{PATH}/{message_id}/attachments/none", 404),
    ):
        assert (await api.call("GET", path)).status == status
    assert await _left(tables) == []


async def test_mail_that_could_not_be_noted_is_not_handed_out(api: Api, tables: Tables) -> None:
    _, _, message_id, _ = await delivered(api)
    await tables.owner.execute("ALTER TABLE api.audit_log RENAME TO away")
    try:
        for path in (f"{PATH}/{message_id}", f"{PATH}/{message_id}/raw", f"{PATH}/{message_id}/body", PATH):
            answer = await api.call("GET", path)
            assert answer.status >= 500, path
            assert "plan" not in str(answer.body)
    finally:
        await tables.owner.execute("ALTER TABLE api.away RENAME TO audit_log")
