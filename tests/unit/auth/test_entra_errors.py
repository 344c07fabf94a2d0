from __future__ import annotations

import json

import pytest

from flovify.auth.microsoft.entra_errors import authorize_error_code, network_failure, read_failure
from flovify.auth.microsoft.ms365 import missing_scopes


def _body(error: object, **more: object) -> bytes:
    return json.dumps({"error": error, **more}).encode()


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_grant", "dead_grant"),
        (400, "interaction_required", "dead_grant"),
        (400, "consent_required", "dead_grant"),
        (401, "invalid_client", "app_credential"),
        (400, "invalid_client", "app_credential"),
        (400, "unauthorized_client", "app_credential"),
        (400, "invalid_scope", "our_request"),
        (400, "invalid_request", "our_request"),
        (400, "temporarily_unavailable", "transient"),
        (400, "server_error", "transient"),
        (500, "invalid_grant", "transient"),
        (503, "", "transient"),
        (429, "invalid_grant", "transient"),
        (400, "something_new", "transient"),
        (400, ["invalid_grant"], "transient"),
        (400, None, "transient"),
    ],
)
def test_the_error_word_decides_and_a_server_s_trouble_is_never_the_grant_s(
    status: int, error: object, kind: str
) -> None:
    assert read_failure(status, _body(error), None).kind == kind


@pytest.mark.parametrize(
    ("error", "number", "kind"),
    [
        ("invalid_grant", 50196, "transient"),  # a loop was seen: it passes, although the grant's word says it is dead
        ("invalid_grant", 90055, "transient"),
        ("invalid_grant", 70011, "our_request"),
        ("invalid_request", 7000218, "our_request"),
        ("invalid_client", 7000222, "app_credential"),
        ("unauthorized_client", 700016, "app_credential"),
        ("invalid_client", 50034, "app_credential"),
        ("server_error", 50034, "transient"),
        ("invalid_grant", 50173, "dead_grant"),
        ("invalid_grant", 99999999, "dead_grant"),
        ("invalid_grant", -1, "dead_grant"),
    ],
)
def test_a_number_the_table_knows_decides_with_the_word(error: str, number: int, kind: str) -> None:
    assert read_failure(400, _body(error, error_codes=[number]), None).kind == kind


@pytest.mark.parametrize(
    "body", [b"", b"<html>Proxy</html>", b"[]", b"null", b'"invalid_grant"', b"\xff\xfe", b"[" * 100_000, b"{" * 2000]
)
def test_an_answer_that_is_no_json_object_may_pass(body: bytes) -> None:
    failure = read_failure(400, body, None)
    assert failure.kind == "transient"
    assert failure.error == "unreadable_answer"


def test_numbers_and_ids_are_kept_for_the_operator_and_nothing_else_is() -> None:
    body = _body(
        "invalid_grant",
        error_description="AADSTS700082: The refresh token secret-canary has expired",
        error_codes=[700082],
        trace_id="11111111-2222-3333-4444-555555555555",
        correlation_id="x' OR 1=1",
        timestamp="2026-11-23 02:00:00Z",
    )
    reason = read_failure(400, body, None).as_reason()
    assert reason["aadsts"] == 700082
    assert reason["trace_id"] == "11111111-2222-3333-4444-555555555555"
    assert "correlation_id" not in reason
    assert "canary" not in json.dumps(reason)


def test_the_number_is_found_in_the_text_when_the_list_lacks_it() -> None:
    assert read_failure(400, _body("invalid_grant", error_description="AADSTS50173: x"), None).aadsts == 50173
    assert read_failure(400, _body("invalid_grant", error_codes=["x"], error_description=5), None).aadsts is None


def test_no_answer_at_all_may_pass() -> None:
    failure = network_failure(TimeoutError())
    assert (failure.kind, failure.error, failure.status) == ("transient", "TimeoutError", 0)


@pytest.mark.parametrize(
    ("error", "description", "code"),
    [
        ("access_denied", "AADSTS65004: User declined to consent", "access_denied"),
        ("access_denied", "AADSTS90094: The grant requires admin permission.", "admin_consent_required"),
        ("consent_required", "", "admin_consent_required"),
        ("invalid_grant", "AADSTS65001: not consented", "admin_consent_required"),
        ("login_required", "", "login_required"),
        ("server_error", "", "server_error"),
        ("<script>alert(1)</script>", "<script>", "authorization_failed"),
        ("x" * 5000, "y" * 5000, "authorization_failed"),
    ],
)
def test_errors_on_the_redirect_become_codes_from_a_fixed_list(error: str, description: str, code: str) -> None:
    assert authorize_error_code(error, description) == code


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (("Mail.Read", "User.Read"), False),
        (("mail.read",), False),
        (("https://graph.microsoft.com/Mail.Read",), False),
        (("Mail.ReadWrite",), False),
        (("Mail.ReadBasic", "User.Read"), True),
        (("Mail.Read.Shared",), True),
        ((), True),
    ],
)
def test_granted_scopes_are_compared_without_regard_to_case_order_and_prefix(
    granted: tuple[str, ...], missing: bool
) -> None:
    assert bool(missing_scopes(granted, "delegated")) is missing


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (("https://graph.microsoft.com/mail.read.SHARED", "User.Read"), False),
        (("Mail.ReadWrite.Shared",), False),
        (("Mail.Read",), True),
    ],
)
def test_a_shared_mailbox_needs_a_permission_of_its_own(granted: tuple[str, ...], missing: bool) -> None:
    assert bool(missing_scopes(granted, "shared")) is missing
