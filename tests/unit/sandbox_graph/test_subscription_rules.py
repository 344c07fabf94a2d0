from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.mail.models import Change
from flovify.sandbox.subscriptions.handshake import with_token
from flovify.sandbox.subscriptions.models import Subscription, graph_time, subscription_json
from flovify.sandbox.subscriptions.notices import kinds_for
from flovify.sandbox.subscriptions.rules import MAX_MINUTES, read_create, read_resource
from tests.unit.sandbox_graph.fakes import SALES, Bench, FakeClock

NOW = FakeClock().now()
USER = "622eaaff-0683-4862-9de4-f2ec83c2bd98"


def body(**changes: Any) -> dict[str, Any]:
    good = {
        "@odata.type": "#microsoft.graph.subscription",
        "changeType": "created,updated",
        "notificationUrl": "https://app.example/hook?x=1",
        "resource": "me/mailFolders('Inbox')/messages",
        "expirationDateTime": "2026-11-24T09:00:00.1234567Z",
        "clientState": "s" * 128,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def read(**changes: Any) -> Any:
    return read_create(body(**changes), NOW, allow_http=False, max_minutes=MAX_MINUTES)


def test_a_good_request_is_understood() -> None:
    wanted = read(lifecycleNotificationUrl="https://app.example/life", latestSupportedTlsVersion="v1_3")
    assert (wanted.user, wanted.folder, wanted.change_types) == (None, "Inbox", ["created", "updated"])
    assert graph_time(wanted.expires_at) == "2026-11-24T09:00:00.1234560Z"
    assert wanted.tls_version == "v1_3"


@pytest.mark.parametrize("value", ["2026-11-23T09:00:01Z", "2026-11-23T09:44:59Z"])
def test_a_short_life_is_raised_to_45_minutes(value: str) -> None:
    assert read(expirationDateTime=value).expires_at == NOW + timedelta(minutes=45)


@pytest.mark.parametrize(
    "changes",
    [
        {"changeType": ...},
        {"changeType": "created,renamed"},
        {"changeType": ""},
        {"notificationUrl": ...},
        {"notificationUrl": "http://app.example/hook"},
        {"notificationUrl": "app.example/hook"},
        {"notificationUrl": "https:///hook"},
        {"notificationUrl": "https://app.example:99999/hook"},
        {"notificationUrl": "https://app.example/hook\r\nX: y"},
        {"notificationUrl": "https://user:pass@app.example/"},
        {"notificationUrl": "EventHub:https://a.vault.azure.net/secrets/b"},
        {"notificationUrl": 5},
        {"lifecycleNotificationUrl": "http://app.example/life"},
        {"resource": ...},
        {"resource": "https://graph.microsoft.com/v1.0/me/messages"},
        {"resource": "me/events"},
        {"resource": "me/messages?$filter=isRead eq false"},
        {"expirationDateTime": ...},
        {"expirationDateTime": "2026-11-24T09:00:00"},
        {"expirationDateTime": "tomorrow"},
        {"expirationDateTime": 5},
        {"expirationDateTime": "2026-11-23T08:59:59Z"},
        {"expirationDateTime": "0001-01-01T00:00:00+14:00"},
        {"clientState": "s" * 129},
        {"clientState": 5},
        {"includeResourceData": True},
        {"latestSupportedTlsVersion": "v9"},
        {"notificationURL": "https://app.example/hook"},
        {"id": "mine"},
    ],
)
def test_what_graph_refuses_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(GraphError) as refused:
        read(**changes)
    assert refused.value.status == 400


def test_too_far_ahead_says_how_far_is_allowed() -> None:
    with pytest.raises(GraphError) as refused:
        read(expirationDateTime="2026-11-30T09:00:01Z")
    assert refused.value.message == "Subscription expiration can only be 10080 minutes in the future."
    assert read(expirationDateTime="2026-11-30T09:00:00Z").expires_at == NOW + timedelta(minutes=10_080)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("me/messages", (None, None)),
        ("/me/mailfolders('Drafts')/messages", (None, "Drafts")),
        (f"/users/{USER}/messages", (USER, None)),
        (f"Users('{USER}')/mailFolders/AAMk-x=/messages", (USER, "AAMk-x=")),
        ("users/AAD-UPN:3f8c2a71-6d45-4e9b-a237-81c5f0d762ae@contoso.com/messages",
         ("3f8c2a71-6d45-4e9b-a237-81c5f0d762ae@contoso.com", None)),
    ],
)  # fmt: skip
def test_resources_are_read(resource: str, expected: tuple[str | None, str | None]) -> None:
    assert read_resource(resource) == expected


def test_a_principal_name_that_begins_like_an_id_is_misread() -> None:
    with pytest.raises(GraphError) as refused:
        read_resource("users/3f8c2a71-6d45-4e9b-a237-81c5f0d762ae@contoso.com/messages")
    assert (refused.value.status, refused.value.message) == (503, "Mailbox info is stale.")


@given(st.dictionaries(st.sampled_from(list(body())), st.one_of(st.none(), st.integers(), st.text(), st.booleans())))
def test_no_value_makes_it_fail_otherwise(changes: dict[str, Any]) -> None:
    try:
        read(**changes)
    except GraphError as error:
        assert error.status in (400, 503)  # noqa: PT017 - both outcomes are good, any other exception is not


def test_the_token_is_added_to_the_urls_own_query() -> None:
    assert with_token("https://a.example/h", "a: b") == "https://a.example/h?validationToken=a%3a+b"
    assert with_token("https://a.example/h?x=%20", "a") == "https://a.example/h?x=%20&validationToken=a"


async def test_another_mailbox_is_forbidden_to_a_delegated_token() -> None:
    bench = Bench()
    other = body(resource="users/other@contoso.example/messages", expirationDateTime="2026-11-24T09:00:00Z")
    answer = await bench.call("POST", "/subscriptions", other)
    assert (answer.status, answer.body["error"]["code"]) == (403, "ExtensionError")
    assert "Status Code: Forbidden" in answer.body["error"]["message"]


async def test_write_permission_alone_does_not_allow_subscriptions() -> None:
    bench = Bench()
    token = bench.grant(SALES, "Mail.ReadWrite")
    assert (await bench.call("POST", "/subscriptions", body(), token=token)).status == 403
    assert (await bench.call("GET", "/subscriptions", token=token)).status == 403


def subscription(folder: str | None, *, immutable: bool) -> Subscription:
    return Subscription(
        id="1", resource="me/messages", application_id="a", tenant_id="t", creator_id="u", user_id="u",
        folder_id=folder,
        change_types=["created", "updated", "deleted"], client_state=None, notification_url="https://a.example",
        lifecycle_url=None, expires_at=NOW, immutable_ids=immutable,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "immutable", "expected"),
    [
        ("archive", True, [("created", "immutable")]),
        ("inbox", True, [("deleted", "immutable")]),
        ("inbox", False, [("deleted", "old")]),
        ("archive", False, [("created", "new")]),
        ("drafts", False, []),
        (None, True, [("updated", "immutable")]),
        (None, False, [("deleted", "old"), ("created", "new")]),
    ],
)
def test_a_move_is_told_by_where_the_subscription_looks(
    folder: str | None, immutable: bool, expected: list[tuple[str, str]]
) -> None:
    move = Change("moved", "u", "archive", "new", "immutable", 'W/"1"', "inbox", "old")
    assert list(kinds_for(subscription(folder, immutable=immutable), move)) == expected


def test_lists_never_hold_the_client_state() -> None:
    one = subscription(None, immutable=True)
    one.client_state = "secret"
    assert subscription_json(one)["clientState"] == "secret"
    assert subscription_json(one, with_client_state=False)["clientState"] is None
