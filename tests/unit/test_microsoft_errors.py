from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.common.microsoft_error_rows import ROWS, Row
from flovify.common.microsoft_errors import entra_kind, entra_words, graph_words, reason_in_words, words

ENTRA = [
    ("invalid_grant", 50173, "sign_in_revoked", "user"),
    ("invalid_grant", 700082, "sign_in_idle", "user"),
    ("invalid_grant", 70008, "sign_in_idle", "user"),
    ("invalid_grant", 70043, "sign_in_frequency", "administrator"),
    ("invalid_grant", 700084, "redirect_uri_is_spa", "user"),
    ("interaction_required", 50076, "second_factor_required", "user"),
    ("invalid_grant", 53003, "conditional_access", "administrator"),
    ("invalid_grant", 65001, "consent_missing", "administrator"),
    ("access_denied", 65004, "consent_declined", "user"),
    ("access_denied", 90094, "admin_consent_required", "administrator"),
    ("consent_required", None, "admin_consent_required", "administrator"),
    ("permission_denied", None, "admin_consent_refused", "administrator"),
    ("invalid_client", 7000215, "client_secret_wrong", "operator"),
    ("invalid_client", 7000222, "client_secret_expired", "operator"),
    ("invalid_client", 7000218, "client_secret_missing", "operator"),
    ("invalid_client", 700027, "client_certificate_wrong", "operator"),
    ("unauthorized_client", 700016, "app_not_in_organization", "administrator"),
    ("unauthorized_client", 7000112, "app_disabled", "administrator"),
    ("invalid_grant", 50105, "account_not_assigned", "administrator"),
    ("invalid_request", 50194, "app_single_tenant", "operator"),
    ("invalid_request", 50011, "redirect_uri_unknown", "operator"),
    ("invalid_resource", 500011, "graph_not_in_organization", "administrator"),
    ("invalid_request", 650057, "permissions_not_registered", "operator"),
    ("invalid_grant", 50034, "account_unknown", "user"),
    ("invalid_grant", 50053, "account_locked", "administrator"),
    ("invalid_grant", 50055, "password_expired", "user"),
    ("invalid_grant", 50057, "account_disabled", "administrator"),
    ("invalid_grant", 50020, "account_kind_wrong", "user"),
    ("invalid_grant", 54005, "code_used", "user"),
    ("invalid_grant", 700005, "code_of_another_organization", "user"),
    ("invalid_grant", 501481, "code_of_another_flow", "user"),
    ("invalid_scope", 70011, "scope_unknown", "operator"),
    ("invalid_request", 700022, "scope_of_several_services", "operator"),
    ("invalid_request", 90002, "organization_unknown", "user"),
    ("invalid_request", 90038, "organization_in_another_cloud", "operator"),
    ("temporarily_unavailable", 50196, "refresh_loop", "nobody"),
    ("temporarily_unavailable", 90055, "sign_in_throttled", "nobody"),
    ("invalid_grant", 12345, "sign_in_ended", "user"),
    ("invalid_client", 12345, "app_credential_invalid", "operator"),
    ("login_required", None, "login_required", "user"),
    ("access_denied", None, "access_denied", "user"),
    ("invalid_request", None, "request_refused", "operator"),
    ("server_error", None, "server_error", "nobody"),
    ("proxy_login_refused", None, "proxy_login_refused", "operator"),
    ("never seen before", 50173, "microsoft_unavailable", "nobody"),
]
GRAPH = [
    (401, "InvalidAuthenticationToken", "", "graph_token_refused", "user"),
    (403, "ErrorAccessDenied", "Access is denied.", "mailbox_access_denied", "administrator"),
    (403, "ErrorAccessDenied", "Access to OData is disabled.", "mailbox_policy_refuses", "administrator"),
    (403, "Authorization_RequestDenied", "", "directory_access_denied", "administrator"),
    (404, "MailboxNotEnabledForRESTAPI", "", "mailbox_unsupported", "administrator"),
    (404, "Request_ResourceNotFound", "", "mailbox_unknown", "user"),
    (404, "errorITEMnotfound", "", "item_gone", "nobody"),
    (410, "SyncStateNotFound", "", "sync_state_lost", "nobody"),
    (429, "ApplicationThrottled", "", "graph_throttled", "nobody"),
    (503, "", "", "graph_unavailable", "nobody"),
    (0, "", "", "graph_unavailable", "nobody"),
    (0, "proxy_unreachable", "", "proxy_unreachable", "operator"),
    (507, "", "", "mailbox_full", "user"),
    (400, "ValidationError", "", "webhook_unreachable", "operator"),
    (400, "InvalidRequest", "Subscription validation request timed out.", "webhook_unreachable", "operator"),
    (409, "", "", "subscription_exists", "nobody"),
    (400, "ErrorInvalidParameter", "", "graph_request_refused", "operator"),
    (418, "", "", "graph_request_refused", "operator"),
]


# Ours, for a call that ended at the proxy: it waits for the operator.
NEVER_ASKED = {"proxy_login_refused", "proxy_refused", "proxy_unreachable"}


@pytest.mark.parametrize(("error", "number", "code", "who"), ENTRA)
def test_entra_s_answer_in_words(error: str, number: int | None, code: str, who: str) -> None:
    found = entra_words(error, number)
    assert (found.code, found.who_must_act) == (code, who)
    assert found.cause.endswith(".")
    assert found.action


@pytest.mark.parametrize(("status", "graph_code", "message", "code", "who"), GRAPH)
def test_graph_s_answer_in_words(status: int, graph_code: str, message: str, code: str, who: str) -> None:
    found = graph_words(status, graph_code, message)
    assert (found.code, found.who_must_act) == (code, who)


ENTRA_ROWS = [row for row in ROWS if row.errors or row.alone]
NUMBERS = {number for row in ROWS for number in row.numbers}
# What an account is never flagged for, whatever number comes with it: our credential, or Microsoft's own server.
NEVER_AN_ACCOUNTS = {
    "invalid_client",
    "unauthorized_client",
    "no_credential",
    "server_error",
    "temporarily_unavailable",
}


def answers_of(row: Row) -> list[tuple[str, int | None]]:
    return [*itertools.product(row.errors, row.numbers), *((error, None) for error in row.alone)]


@pytest.mark.parametrize("row", ENTRA_ROWS, ids=lambda row: row.code)
def test_what_is_decided_and_what_is_said_are_one_row_s(row: Row) -> None:
    for error, number in answers_of(row):
        kind, said = entra_kind(error, number), entra_words(error, number)
        assert (said.code, said.who_must_act) == (row.code, row.who_must_act)
        registration_s = said.who_must_act in {"operator", "administrator"} and said.status == "app_refused"
        expected = {
            "transient": said.status == "waiting" and (said.who_must_act == "nobody" or error in NEVER_ASKED),
            "dead_grant": said.who_must_act in {"user", "administrator"}
            and said.status in {"reconnect_required", "not_connected"}
            and error not in NEVER_AN_ACCOUNTS,
            "app_credential": registration_s,
            "our_request": registration_s,
        }
        assert expected[kind], (error, number, kind, said)


@pytest.mark.parametrize("row", ENTRA_ROWS, ids=lambda row: row.code)
def test_a_server_in_trouble_is_nobody_s_whatever_it_says(row: Row) -> None:
    for (error, number), status in itertools.product(answers_of(row), (429, 500, 503)):
        said = entra_words(error, number, status)
        assert (said.who_must_act, said.status) == ("nobody", "waiting"), (error, number, status)
        assert entra_kind(error, number, status) == "transient"


@given(st.sampled_from([row[0] for row in ENTRA]), st.integers().filter(lambda number: number not in NUMBERS))
def test_a_number_nobody_knows_changes_nothing(error: str, number: int) -> None:
    assert entra_words(error, number) == entra_words(error)
    assert entra_kind(error, number) == entra_kind(error)


def test_every_row_can_be_found_by_its_own_code_only() -> None:
    codes = [row.code for row in ROWS]
    assert len(codes) == len(set(codes)) >= 30
    for row in ROWS:
        found = words(row.code)
        assert found is not None
        assert found.code == row.code
        assert row.link == "" or row.link.startswith(("/auth/oauth/ms365/", "https://"))
    assert words("no such code") is None


def test_no_two_rows_claim_the_same_answer() -> None:
    numbers = [(error, number) for row in ROWS for error in row.errors for number in row.numbers]
    assert len(numbers) == len(set(numbers))
    alone = [error for row in ROWS for error in row.alone]
    assert len(alone) == len(set(alone))
    graph = [code for row in ROWS for code in row.graph]
    assert len(graph) == len(set(graph))
    assert all(code == code.lower() for code in graph)


def test_a_stored_reason_keeps_what_support_asks_for_and_gains_words() -> None:
    stored = {"kind": "dead_grant", "error": "invalid_grant", "aadsts": 50173, "trace_id": "0a0b"}
    found = reason_in_words(stored)
    assert found is not None
    assert found["trace_id"] == "0a0b"
    assert found["words"]["code"] == "sign_in_revoked"
    assert found["words"]["status"] == "reconnect_required"
    assert reason_in_words(None) is None


def test_what_was_no_answer_of_microsoft_has_its_own_words() -> None:
    found = reason_in_words({"kind": "registration_removed", "client_id": "x"})
    assert found is not None
    assert (found["words"]["code"], found["words"]["who_must_act"]) == ("registration_removed", "user")
