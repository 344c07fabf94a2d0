from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.api.errors import MailboxNotYours, ResourceNotSupported, SharedMailboxNoPush
from flovify.api.graph.lifetimes import steps
from flovify.api.graph.resources import normalize_resource
from flovify.api.subscriptions.lifetime import next_renewal, retry_after_failure
from flovify.api.subscriptions.models import normalize_change_types
from flovify.common.errors import InvalidRequest

OID = "0a1b2c3d-1111-4222-8333-444455556666"
EMAIL = "O'Neil@contoso.example"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def normalized(resource: str, token_type: str = "delegated") -> str:
    return normalize_resource(resource, object_id=OID, account_email=EMAIL, token_type=token_type)


@pytest.mark.parametrize(
    "resource",
    [
        "inbox",
        "Inbox",
        "me/mailFolders('inbox')/messages",
        "/me/mailfolders('Inbox')/messages/",
        "me/mailFolders/inbox/messages",
        f"users/{OID}/mailFolders('inbox')/messages",
        f"Users/{OID.upper()}/MailFolders('INBOX')/Messages",
        f"users('{OID}')/mailFolders('inbox')/messages",
        f"users/{EMAIL}/mailFolders('inbox')/messages",
        f"users/{EMAIL.lower()}/mailFolders/inbox/messages",
    ],
)
def test_every_spelling_of_the_inbox_is_one(resource: str) -> None:
    assert normalized(resource) == f"users/{OID}/mailFolders('inbox')/messages"


def test_whole_mailbox_and_folders_by_id() -> None:
    assert normalized("me/messages") == f"users/{OID}/messages"
    assert normalized("me/mailFolders/AAMkAbC=/messages") == f"users/{OID}/mailFolders('AAMkAbC=')/messages"


@pytest.mark.parametrize(
    "resource", ["users/other@contoso.example/messages", "users/22222222-1111-4222-8333-444455556666/messages"]
)
def test_mailbox_of_somebody_else_is_refused(resource: str) -> None:
    with pytest.raises(SharedMailboxNoPush, match="application permissions") as caught:
        normalized(resource)
    assert caught.value.problem_code == "shared_mailbox_no_push"
    assert caught.value.extra == {"ways_out": ["application_permissions", "polling"]}
    with pytest.raises(MailboxNotYours, match="account of its own") as of_app:
        normalized(resource, "app")
    assert of_app.value.problem_code == "mailbox_not_yours"


def test_application_token_watches_its_own_mailbox_by_object_id() -> None:
    assert normalized("inbox", "app") == f"users/{OID}/mailFolders('inbox')/messages"


@given(st.text(max_size=80))
def test_any_other_text_is_refused(resource: str) -> None:
    with pytest.raises((ResourceNotSupported, MailboxNotYours)):
        normalized(f"{resource}?")


def test_change_types_are_put_in_order_once_each() -> None:
    assert normalize_change_types(["deleted", "Created", "deleted"]) == ("created", "deleted")
    for wrong in ([], ["moved"], ["created", ""]):
        with pytest.raises(InvalidRequest):
            normalize_change_types(wrong)


def test_steps_begin_below_the_limit_graph_names() -> None:
    assert steps()[0] == 10_000
    assert steps(4230) == (4225, 4200, 1400, 60)
    assert steps(1440) == (1435, 1400, 60)
    assert steps(10) == (45,)


@given(st.integers(min_value=45, max_value=20_000))
def test_renewal_is_due_well_before_the_end(minutes: int) -> None:
    expires_at = NOW + timedelta(minutes=minutes)
    due = next_renewal(NOW, expires_at)
    assert NOW < due < expires_at
    assert expires_at - due >= min(timedelta(hours=24), timedelta(minutes=minutes) / 2)


@given(st.integers(min_value=0, max_value=10_000))
def test_failed_renewals_wait_longer_but_never_over_an_hour(failures: int) -> None:
    wait = retry_after_failure(NOW, failures) - NOW
    assert timedelta(seconds=40) <= wait <= timedelta(hours=1)


def test_wait_that_graph_asks_for_is_kept() -> None:
    assert retry_after_failure(NOW, 0, 5000) - NOW == timedelta(seconds=5000)
