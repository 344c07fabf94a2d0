from __future__ import annotations

import pytest

from flovify.api.errors import AppCredentialInvalid, AuthUnavailable, GraphRefused, ReconnectRequired, TenantNotFound
from flovify.api.graph.errors import from_response
from flovify.api.providers.errors import (
    MailboxUnsupported,
    ProviderForbidden,
    ProviderThrottled,
    ProviderTooLarge,
    ProviderUnauthorized,
)
from flovify.api.worker.errors import (
    LOOKS_SECONDS,
    MAX_ATTEMPTS,
    Stage,
    Trouble,
    TroubleKind,
    Way,
    patience_seconds,
    retry_seconds,
    sort_error,
    wait_seconds,
    way_of,
)


@pytest.mark.parametrize(
    ("error", "stage", "kind", "reason"),
    [
        (ProviderThrottled("x", status=429), Stage.FETCH, TroubleKind.THROTTLED, "throttled"),
        (ProviderUnauthorized("x", status=401), Stage.FETCH, TroubleKind.UNAUTHORIZED, "unauthorized"),
        (ProviderUnauthorized("x", status=401, claims="e30="), Stage.FETCH, TroubleKind.RECONNECT, "claims_challenge"),
        (MailboxUnsupported("x", status=404), Stage.FETCH, TroubleKind.REFUSED, "mailbox_unsupported"),
        (ProviderForbidden("x", status=403), Stage.FETCH, TroubleKind.UNCLEAR, "forbidden"),
        (ProviderTooLarge("x"), Stage.FETCH, TroubleKind.MESSAGE, "too_large"),
        (ReconnectRequired("x"), Stage.TOKEN, TroubleKind.RECONNECT, "reconnect_required"),
        (TenantNotFound("x"), Stage.TOKEN, TroubleKind.RECONNECT, "tenant_not_found"),
        (AuthUnavailable("x"), Stage.TOKEN, TroubleKind.OUTAGE, "auth_unavailable"),
        (AuthUnavailable("x", code="vault_locked"), Stage.TOKEN, TroubleKind.OUTAGE, "vault_locked"),
        (AppCredentialInvalid("x"), Stage.TOKEN, TroubleKind.OUTAGE, "app_credential_invalid"),
        (GraphRefused("x"), Stage.TOKEN, TroubleKind.OUTAGE, "graph_refused"),
        (OSError("x"), Stage.TOKEN, TroubleKind.OUTAGE, "auth_unavailable"),
        (ValueError("x"), Stage.STORE, TroubleKind.MESSAGE, "not_storable"),
        (ValueError("x"), Stage.DECODE, TroubleKind.MESSAGE, "decode_failed"),
    ],
)
def test_each_error_has_its_kind_and_a_stable_reason(
    error: Exception, stage: Stage, kind: TroubleKind, reason: str
) -> None:
    trouble = sort_error(error, stage)
    assert (trouble.kind, trouble.reason) == (kind, reason)


JSON_404 = {"error": {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}}


@pytest.mark.parametrize(
    ("status", "body", "blame"),
    [
        (404, JSON_404, TroubleKind.GONE),
        (404, {"error": {"code": "erroritemnotfound", "message": "no"}}, TroubleKind.GONE),
        (404, {"error": {"code": "ResourceNotFound", "message": "no"}}, TroubleKind.WAITS),
        (404, {"error": {"code": "ErrorInvalidUser", "message": "no"}}, TroubleKind.WAITS),
        (404, {"error": {"code": "", "message": ""}}, TroubleKind.WAITS),
        (404, {"message": "no such route"}, TroubleKind.WAITS),
        (404, None, TroubleKind.WAITS),
        (410, None, TroubleKind.WAITS),
        (400, {"error": {"code": "ErrorInvalidAttachmentId", "message": "no"}}, TroubleKind.MESSAGE),
        (400, None, TroubleKind.MESSAGE),
        (413, None, TroubleKind.MESSAGE),
        *((status, None, TroubleKind.WAITS) for status in (302, 307, 403, 405, 407, 408, 409, 412, 418, 423, 424)),
        *((status, None, TroubleKind.WAITS) for status in (500, 501, 502, 503, 504, 507, 509, 599)),
    ],
)
def test_a_status_is_believed_only_where_it_proves_something(status: int, body: object, blame: TroubleKind) -> None:
    trouble = sort_error(from_response(status, {}, body), Stage.FETCH)
    assert trouble.kind is TroubleKind.UNCLEAR
    assert trouble.cleared(served=True).kind is blame
    assert trouble.cleared(served=False).kind is (TroubleKind.REFUSED if status == 403 else TroubleKind.OUTAGE)


def test_each_attempt_asks_in_another_way() -> None:
    assert [way_of(attempts) for attempts in range(1, MAX_ATTEMPTS + 1)] == list(Way)


def test_a_message_at_fault_is_asked_for_again_soon() -> None:
    firsts = [retry_seconds(1) for _ in range(100)]
    seconds = [retry_seconds(2) for _ in range(100)]
    assert 1.4 < min(firsts) < max(firsts) < 2.6
    assert 5.9 < min(seconds) < max(seconds) < 10.1


def test_looking_for_a_message_goes_on_for_more_than_ten_minutes() -> None:
    assert sum(LOOKS_SECONDS) >= 600
    assert list(LOOKS_SECONDS) == sorted(LOOKS_SECONDS)


def test_an_event_that_waits_by_itself_is_tried_at_least_every_five_minutes() -> None:
    trouble = Trouble(TroubleKind.WAITS, "unavailable", "")
    waits = [max(patience_seconds(trouble, number) for _ in range(50)) for number in range(1, 12)]
    assert waits[0] < 3
    assert waits[3] > 10
    assert waits[-1] <= 300
    assert patience_seconds(Trouble(TroubleKind.WAITS, "unavailable", "", 500.0), 1) >= 500


@pytest.mark.parametrize("asked", [0.0, 2.128, 400.0, 86_400.0])
def test_a_throttled_mailbox_never_comes_back_too_early(asked: float) -> None:
    trouble = Trouble(TroubleKind.THROTTLED, "throttled", "", asked)
    assert all(asked < wait_seconds(trouble, 0) < asked + 1.1 for _ in range(100))


@pytest.mark.parametrize(("kind", "most"), [(TroubleKind.THROTTLED, 300), (TroubleKind.OUTAGE, 30)])
def test_without_a_time_named_the_wait_grows(kind: TroubleKind, most: float) -> None:
    trouble = Trouble(kind, "x", "")
    waits = [max(wait_seconds(trouble, failures) for _ in range(50)) for failures in range(12)]
    assert waits[0] < 3
    assert waits[3] > 10
    assert waits[-1] == most


def test_an_outage_that_names_a_time_is_waited_for_at_least_so_long() -> None:
    assert wait_seconds(Trouble(TroubleKind.OUTAGE, "x", "", 60.0), 0) >= 60


def test_what_only_people_can_mend_is_looked_at_rarely() -> None:
    assert 200 < wait_seconds(Trouble(TroubleKind.RECONNECT, "reconnect_required", ""), 0) < 400
    assert wait_seconds(Trouble(TroubleKind.REFUSED, "mailbox_unsupported", ""), 0) > 2600
