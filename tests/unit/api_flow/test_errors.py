from __future__ import annotations

import pytest

from flovify.api.errors import AppCredentialInvalid, AuthUnavailable, GraphRefused, ReconnectRequired, TenantNotFound
from flovify.api.providers.errors import (
    MailboxUnsupported,
    ProviderBadRequest,
    ProviderConflict,
    ProviderError,
    ProviderForbidden,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderTooLarge,
    ProviderUnauthorized,
    ProviderUnavailable,
)
from flovify.api.worker.errors import Stage, Trouble, TroubleKind, retry_seconds, sort_error, wait_seconds


@pytest.mark.parametrize(
    ("error", "stage", "kind", "reason"),
    [
        (ProviderNotFound("x", status=404), Stage.FETCH, TroubleKind.GONE, "gone"),
        (ProviderGone("x", status=410), Stage.FETCH, TroubleKind.GONE, "gone"),
        (ProviderThrottled("x", status=429), Stage.FETCH, TroubleKind.THROTTLED, "throttled"),
        (ProviderUnauthorized("x", status=401), Stage.FETCH, TroubleKind.UNAUTHORIZED, "unauthorized"),
        (ProviderUnauthorized("x", status=401, claims="e30="), Stage.FETCH, TroubleKind.RECONNECT, "claims_challenge"),
        (MailboxUnsupported("x", status=404), Stage.FETCH, TroubleKind.REFUSED, "mailbox_unsupported"),
        (ProviderForbidden("x", status=403), Stage.FETCH, TroubleKind.UNCLEAR, "forbidden"),
        (ProviderUnavailable("x"), Stage.FETCH, TroubleKind.UNCLEAR, "unavailable"),
        (ProviderBadRequest("x", status=400), Stage.FETCH, TroubleKind.POISON, "bad_request"),
        (ProviderTooLarge("x"), Stage.FETCH, TroubleKind.POISON, "too_large"),
        (ProviderConflict("x", status=409), Stage.FETCH, TroubleKind.TRANSIENT, "conflict"),
        (ProviderError("x"), Stage.FETCH, TroubleKind.UNCLEAR, "provider_error"),
        (ReconnectRequired("x"), Stage.TOKEN, TroubleKind.RECONNECT, "reconnect_required"),
        (TenantNotFound("x"), Stage.TOKEN, TroubleKind.RECONNECT, "tenant_not_found"),
        (AuthUnavailable("x"), Stage.TOKEN, TroubleKind.OUTAGE, "auth_unavailable"),
        (AuthUnavailable("x", code="vault_locked"), Stage.TOKEN, TroubleKind.OUTAGE, "vault_locked"),
        (AppCredentialInvalid("x"), Stage.TOKEN, TroubleKind.OUTAGE, "app_credential_invalid"),
        (GraphRefused("x"), Stage.TOKEN, TroubleKind.OUTAGE, "graph_refused"),
        (OSError("x"), Stage.TOKEN, TroubleKind.OUTAGE, "auth_unavailable"),
        (ValueError("x"), Stage.STORE, TroubleKind.TRANSIENT, "not_storable"),
        (ValueError("x"), Stage.DECODE, TroubleKind.TRANSIENT, "decode_failed"),
    ],
)
def test_each_error_has_its_kind_and_a_stable_reason(
    error: Exception, stage: Stage, kind: TroubleKind, reason: str
) -> None:
    trouble = sort_error(error, stage)
    assert (trouble.kind, trouble.reason) == (kind, reason)


def test_an_event_backs_off_exponentially() -> None:
    firsts = [retry_seconds(1) for _ in range(100)]
    seconds = [retry_seconds(2) for _ in range(100)]
    assert 3.7 < min(firsts) < max(firsts) < 6.3
    assert 22 < min(seconds) < max(seconds) < 38


@pytest.mark.parametrize("asked", [0.0, 2.128, 400.0, 86_400.0])
def test_a_throttled_mailbox_never_comes_back_too_early(asked: float) -> None:
    trouble = Trouble(TroubleKind.THROTTLED, "throttled", "", asked)
    assert all(asked < wait_seconds(trouble, 0) < asked + 1.1 for _ in range(100))


@pytest.mark.parametrize("kind", [TroubleKind.THROTTLED, TroubleKind.OUTAGE])
def test_without_a_time_named_the_wait_grows_to_five_minutes(kind: TroubleKind) -> None:
    trouble = Trouble(kind, "x", "")
    waits = [max(wait_seconds(trouble, failures) for _ in range(50)) for failures in range(12)]
    assert waits[0] < 3
    assert waits[3] > 10
    assert 220 < waits[-1] <= 300


def test_an_outage_that_names_a_time_is_waited_for_at_least_so_long() -> None:
    assert wait_seconds(Trouble(TroubleKind.OUTAGE, "x", "", 60.0), 0) >= 60


def test_what_only_people_can_mend_is_looked_at_rarely() -> None:
    assert 200 < wait_seconds(Trouble(TroubleKind.RECONNECT, "reconnect_required", ""), 0) < 400
    assert wait_seconds(Trouble(TroubleKind.REFUSED, "mailbox_unsupported", ""), 0) > 2600
