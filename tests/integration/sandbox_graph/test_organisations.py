"""Listing people, keeping applications out of mailboxes, and mailboxes that are shared."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.sandbox_graph.world import CLIENT_ID, CLIENT_SECRET, Answer, Graph, Sandbox, later, open_receiver

LETTER = b"From: a@example.org\r\nTo: team@example.org\r\nSubject: for all\r\n\r\nHello\r\n"
EVENTUAL = {"ConsistencyLevel": "eventual"}
SCOPES = "Mail.Read Mail.Read.Shared User.Read"


class House:
    """An organisation of its own: Ann, Bob, a shared mailbox that Ann may read, and somebody without a mailbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.domain = f"{secrets.token_hex(4)}.example"
        self.ann, self.bob, self.team, self.none = (f"{name}@{self.domain}" for name in ("ann", "bob", "team", "none"))

    async def set_up(self) -> None:
        for address, more in (
            (self.ann, {"display_name": "Ann Archer", "administrator": True}),
            (self.bob, {"display_name": "Bob Baker"}),
            (self.team, {"display_name": "The Team", "kind": "shared", "delegates": [self.ann.upper()]}),
            (self.none, {"display_name": "Nobody's Mail", "kind": "unlicensed"}),
        ):
            await self.sandbox.control("POST", "/mailboxes", json={"address": address, **more})
        body = {"client_id": CLIENT_ID, "scopes": SCOPES.split()}
        await self.sandbox.control("POST", f"/organizations/{self.domain}/consents", json=body)

    async def app(self) -> Graph:
        form = {
            "grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "scope": "https://graph.microsoft.com/.default",
        }  # fmt: skip
        async with self.sandbox.http.post(f"{self.sandbox.base}/{self.domain}/oauth2/v2.0/token", data=form) as answer:
            assert answer.status == 200, await answer.text()
            return Graph(self.sandbox, (await answer.json())["access_token"])

    async def scope(self, kind: str, addresses: list[str] | None) -> None:
        body = {"scope_kind": kind, "mailbox_scope": {CLIENT_ID: addresses}}
        await self.sandbox.control("PUT", f"/organizations/{self.domain}", json=body)


@pytest.fixture
async def house(sandbox: Sandbox) -> AsyncIterator[House]:
    made = House(sandbox)
    await made.set_up()
    yield made
    await made.scope("rbac", None)


def _addresses(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.json
    return [one["userPrincipalName"].partition("@")[0] for one in answer.json["value"]]


async def test_everybody_is_listed_page_by_page(house: House) -> None:
    app = await house.app()
    first = await app.call("GET", "/users?$top=3&$select=id,userPrincipalName,mail")
    assert _addresses(first) == ["ann", "bob", "none"]
    assert [set(one) for one in first.json["value"]] == [{"id", "userPrincipalName", "mail"}] * 3
    assert first.json["value"][2]["mail"] is None
    link = urlsplit(first.json["@odata.nextLink"])
    assert "$skiptoken=" in link.query
    second = await app.call("GET", f"{link.path.removeprefix('/v1.0')}?{link.query}")
    assert (_addresses(second), "@odata.nextLink" in second.json) == (["team"], False)
    shared = (await app.call("GET", f"/users/{house.team}?$select=accountEnabled,mail")).json
    assert shared["accountEnabled"] is False


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"$search": '"displayName:bak"'}, ["bob"]),
        ({"$search": '"displayName:ann" OR "mail:bob"'}, ["ann", "bob"]),
        ({"$search": '"displayName:ann" AND "mail:bob"'}, []),
        ({"$search": '"userPrincipalName:team"', "$count": "true"}, ["team"]),
        ({"$filter": "startswith(displayName,'ann')"}, ["ann"]),
        ({"$filter": "startsWith(mail,'b') or startsWith(displayName,'The')"}, ["bob", "team"]),
        ({"$filter": "displayName eq 'Bob Baker'"}, ["bob"]),
        ({"$orderby": "displayName desc"}, ["team", "none", "bob", "ann"]),
    ],
)
async def test_people_are_searched_and_filtered(house: House, query: dict[str, str], found: list[str]) -> None:
    answer = await (await house.app()).call("GET", "/users", params=query, headers=EVENTUAL)
    assert _addresses(answer) == found
    assert answer.json.get("@odata.count", len(found)) == len(found)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"$search": '"displayName:a"'}, "Request_UnsupportedQuery"),
        ({"$count": "true"}, "Request_UnsupportedQuery"),
        ({"$filter": "endswith(mail,'example')"}, "Request_UnsupportedQuery"),
        ({"$filter": "displayName ne 'x'"}, "Request_UnsupportedQuery"),
        ({"$filter": "jobTitle eq 'x'"}, "Request_UnsupportedQuery"),
        ({"$filter": "displayName eq"}, None),
        ({"$filter": "nonsense eq 'x'"}, None),
        ({"$skip": "1"}, "Request_BadRequest"),
        ({"$top": "0"}, "Request_BadRequest"),
        ({"$top": "1000"}, "Request_BadRequest"),
        ({"$skiptoken": "guess"}, "Request_BadRequest"),
        ({"$select": "nonsense"}, "BadRequest"),
        ({"$orderby": "mail"}, "Request_UnsupportedQuery"),
        ({"$expand": "manager"}, "BadRequest"),
    ],
)
async def test_what_the_directory_does_not_do_is_refused(house: House, query: dict[str, str], code: str | None) -> None:
    answer = await (await house.app()).call("GET", "/users", params=query)
    assert answer.status == 400, answer.json
    assert code in (None, answer.json["error"]["code"])


async def test_a_search_that_cannot_be_read_is_refused_and_people_may_not_list(house: House) -> None:
    app = await house.app()
    for text in ("ann", '"nonsense:ann"', '"displayName:ann" "mail:b"'):
        answer = await app.call("GET", "/users", params={"$search": text}, headers=EVENTUAL)
        assert answer.status == 400, text
    ann = await house.sandbox.sign_in(house.ann, scopes=SCOPES)
    assert (await ann.call("GET", "/users")).json["error"]["code"] == "Authorization_RequestDenied"
    assert (await ann.call("GET", "/organization")).json["value"][0]["displayName"] == house.domain
    assert (await app.call("GET", "/organization")).status == 403


@pytest.mark.parametrize(
    ("kind", "words"),
    [("rbac", "Access is denied. Check credentials and try again."), ("policy", "Access to OData is disabled.")],
)
async def test_an_application_is_kept_out_of_mailboxes(house: House, kind: str, words: str) -> None:
    await house.scope(kind, [house.ann])
    app = await house.app()
    assert (await app.call("GET", f"/users/{house.ann}/messages")).status == 200
    refused = await app.call("GET", f"/users/{house.bob}/messages")
    assert (refused.status, refused.json["error"]["code"], refused.json["error"]["message"]) == (
        403, "ErrorAccessDenied", words,
    )  # fmt: skip
    assert (await app.call("GET", f"/users/{house.bob}")).status == 200, "the directory is not kept from it"
    body = {
        "changeType": "created", "notificationUrl": "http://localhost:9/", "resource": f"users/{house.bob}/messages",
        "expirationDateTime": later(60),
    }  # fmt: skip
    assert (await app.call("POST", "/subscriptions", json=body)).status == 403
    await house.scope(kind, None)
    assert (await app.call("GET", f"/users/{house.bob}/messages")).status == 200


async def test_roles_assigned_in_exchange_need_no_consent(house: House) -> None:
    await house.sandbox.control("DELETE", f"/organizations/{house.domain}/consents/{CLIENT_ID}")
    body: dict[str, Any] = {"client_id": CLIENT_ID, "scopes": [], "roles": ["User.Read.All"]}
    await house.sandbox.control("POST", f"/organizations/{house.domain}/consents", json=body)
    app = await house.app()
    assert (await app.call("GET", f"/users/{house.ann}/messages")).status == 403
    await house.scope("rbac", [house.ann])
    assert (await app.call("GET", f"/users/{house.ann}/messages")).status == 200
    assert (await app.call("GET", f"/users/{house.bob}/messages")).status == 403


async def test_somebody_without_a_mailbox(house: House) -> None:
    refused = await (await house.app()).call("GET", f"/users/{house.none}/messages")
    assert (refused.status, refused.json["error"]["code"]) == (404, "MailboxNotEnabledForRESTAPI")


async def test_a_subscription_on_a_shared_mailbox_is_made_and_never_delivers(house: House) -> None:
    await house.sandbox.control("PUT", f"/organizations/{house.domain}", json={"user_consent": "open"})
    ann, bob = [await house.sandbox.sign_in(one, scopes=SCOPES) for one in (house.ann, house.bob)]
    resource = f"users/{house.team}/mailFolders('inbox')/messages"
    async with open_receiver() as receiver:
        created = await ann.subscribe(receiver.url, resource=resource)
        assert (created.status, len(receiver.validations)) == (201, 1), created.json
        own = await ann.subscribe(receiver.url)
        assert own.status == 201
        app = await house.app()
        by_app = await app.subscribe(receiver.url, resource=resource, changeType="created")
        assert by_app.status == 201, by_app.json
        await house.sandbox.deliver(house.team, LETTER)
        await house.sandbox.deliver(house.ann, LETTER)
        items = await receiver.received(2)
        assert {one["subscriptionId"] for one in items} == {own.json["id"], by_app.json["id"]}
    assert (await ann.call("GET", f"/users/{house.team}/messages")).json["value"][0]["subject"] == "for all"
    assert (await bob.call("GET", f"/users/{house.team}/messages")).status == 403
    refused = await bob.subscribe("http://localhost:9/", resource=resource)
    assert (refused.status, refused.json["error"]["code"]) == (403, "ExtensionError")


async def test_a_delegate_needs_the_shared_permission_and_may_not_write(house: House) -> None:
    ann = await house.sandbox.sign_in(house.ann, scopes="Mail.ReadWrite User.Read")
    assert (await ann.call("GET", f"/users/{house.team}/messages")).status == 403
    ann = await house.sandbox.sign_in(house.ann, scopes=SCOPES)
    body = {"subject": "x"}
    assert (await ann.call("POST", f"/users/{house.team}/messages", json=body)).status == 403


async def test_nobody_signs_in_to_a_shared_mailbox(house: House) -> None:
    with pytest.raises(AssertionError, match="AADSTS50057"):
        await house.sandbox.sign_in(house.team, scopes=SCOPES)


async def test_a_draft_is_made_seen_and_removed(house: House) -> None:
    ann = await house.sandbox.sign_in(house.ann)
    async with open_receiver() as receiver:
        assert (await ann.subscribe(receiver.url, changeType="created,deleted")).status == 201
        body = {
            "subject": "Entwurf für später", "body": {"contentType": "text", "content": "Grüße"},
            "toRecipients": [{"emailAddress": {"address": house.bob}}],
        }  # fmt: skip
        made = await ann.call("POST", "/me/mailFolders/inbox/messages", json=body)
        assert (made.status, made.json["isDraft"], made.json["subject"]) == (201, True, body["subject"])
        assert made.json["toRecipients"][0]["emailAddress"]["address"] == house.bob
        assert made.json["body"]["content"].strip() == "Grüße"
        assert (await ann.call("DELETE", f"/me/messages/{made.json['id']}")).status == 204
        assert [one["changeType"] for one in await receiver.received(2)] == ["created", "deleted"]
    assert (await ann.call("POST", "/me/messages", json={"subject": "x"})).json["isDraft"]
    refused: list[dict[str, Any]] = [{"isDraft": False}, {"body": 5}, {"toRecipients": [{}]}, {"subject": "a\r\nb"}]
    for wrong in refused:
        assert (await ann.call("POST", "/me/messages", json=wrong)).status == 400, wrong
    assert (await ann.call("POST", "/me/mailFolders/none/messages", json={})).status == 404
