from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flovify.api.graph.errors import from_response, parse_retry_after
from flovify.api.providers import errors

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SAMPLES = [
    ("error-400-mime-not-base64.json", 400, errors.ProviderBadRequest),
    ("error-400-subscription-body-not-understood.json", 400, errors.ProviderBadRequest),
    ("error-400-subscription-expiration-too-far.json", 400, errors.ProviderExpirationTooFar),
    ("error-400-subscription-validation-failed.json", 400, errors.ProviderValidationFailed),
    ("error-400-subscription-validation-mismatch.json", 400, errors.ProviderValidationFailed),
    ("error-400-subscription-validation-timeout.json", 400, errors.ProviderValidationFailed),
    ("error-401-invalid-authentication-token.json", 401, errors.ProviderUnauthorized),
    ("error-403-application-access-policy.json", 403, errors.ProviderForbidden),
    ("error-403-subscription-quota.json", 403, errors.ProviderForbidden),
    ("error-403-subscription-workload-forbidden.json", 400, errors.ProviderForbidden),
    ("error-404-item-not-found.json", 404, errors.ItemNotFound),
    ("error-404-mailbox-not-enabled-for-rest-api.json", 404, errors.MailboxUnsupported),
    ("error-404-subscription-mailbox-not-rest.json", 400, errors.MailboxUnsupported),
    ("error-409-subscription-exists.json", 409, errors.ProviderConflict),
    ("error-409-subscription-workload-conflict.json", 400, errors.ProviderConflict),
    ("error-410-sync-state-not-found.json", 410, errors.ProviderGone),
    ("error-429-mailbox-concurrency.json", 429, errors.ProviderThrottled),
    ("error-429-too-many-requests.json", 429, errors.ProviderThrottled),
    ("error-500-subscription-workload-quarantined.json", 400, errors.ProviderUnavailable),
    ("error-503-mailbox-info-stale.json", 503, errors.ProviderUnavailable),
    ("error-generic-shape.json", 416, errors.ProviderUnavailable),
]


@pytest.mark.parametrize(("name", "status", "wanted"), SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_sample_bodies_become_the_error_that_fits(
    graph_reference: Path, name: str, status: int, wanted: type[errors.ProviderError]
) -> None:
    body = json.loads((graph_reference / "payloads" / name).read_text())
    error = from_response(status, {}, body)
    assert type(error) is wanted
    inner = body["error"].get("innerError", {})
    assert error.request_id == inner.get("request-id", inner.get("requestId", ""))


def test_every_error_sample_is_in_the_table(graph_reference: Path) -> None:
    found = {path.name for path in (graph_reference / "payloads").glob("error-*.json")}
    assert found == {sample[0] for sample in SAMPLES}


def test_details_are_taken_from_the_text_where_graph_hides_them() -> None:
    exists = "Subscription Id c0bba80e-57a3-43a7-bac2-e6f525a76e7c already exists for the requested combination"
    assert from_response(409, {}, {"error": {"code": "", "message": exists}}).existing_id == (
        "c0bba80e-57a3-43a7-bac2-e6f525a76e7c"
    )
    too_far = {
        "error": {
            "code": "extensionERROR",
            "message": "Subscription expiration can only be 4230 minutes in the future.",
        }
    }
    assert from_response(400, {}, too_far).max_minutes == 4230


def test_keys_and_codes_are_read_in_any_case() -> None:
    body = {"Error": {"Code": "SYNCSTATENOTFOUND", "Message": "m", "innererror": {"Request-Id": "r1"}}}
    error = from_response(400, {}, body)
    assert isinstance(error, errors.ProviderGone)
    assert error.request_id == "r1"


@pytest.mark.parametrize("body", [None, "", "<html>", [], {}, {"error": "x"}, {"error": {"code": 5, "message": []}}])
def test_odd_bodies_are_judged_by_their_status(body: object) -> None:
    assert isinstance(from_response(401, {}, body), errors.ProviderUnauthorized)
    assert isinstance(from_response(502, {}, body), errors.ProviderUnavailable)
    assert type(from_response(418, {}, body)) is errors.ProviderUnavailable
    assert type(from_response(422, {}, body)) is errors.ProviderBadRequest


def test_claims_challenge_is_kept() -> None:
    header = {"WWW-Authenticate": 'Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ=="'}
    assert from_response(401, header, None).claims == "eyJhIjoxfQ=="
    assert from_response(401, {"www-authenticate": "Bearer"}, None).claims is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("10", 10.0),
        ("2.128", 2.128),
        ("0", 0.0),
        ("-5", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("1e99", 86400.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_every_form(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_service_unavailable_with_a_wait_is_throttling_without_is_an_outage() -> None:
    assert isinstance(from_response(503, {"retry-after": "7"}, None), errors.ProviderThrottled)
    assert isinstance(from_response(503, {}, None), errors.ProviderUnavailable)
    assert isinstance(from_response(504, {"Retry-After": "7"}, None), errors.ProviderThrottled)
