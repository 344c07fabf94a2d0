"""What the doctor makes of what it found, without anything to look at."""

from __future__ import annotations

import datetime as dt
import ssl
import uuid
from pathlib import Path

import pytest
from pydantic import SecretStr

from flovify import __version__
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.system.models import Worker
from flovify.api.system.webhook import Step
from flovify.auth.apps.models import CredentialOverview, Registration, RegistrationOverview
from flovify.auth.microsoft.entra_errors import EntraFailure
from flovify.auth.organizations.models import Finding
from flovify.auth.vault.service import KeysInUse
from flovify.cli.doctor import (
    checks_addresses,
    checks_clock,
    checks_database,
    checks_entra,
    checks_graph,
    checks_keys,
    checks_processes,
    checks_settings,
    checks_webhook,
)
from flovify.cli.doctor.found import find
from flovify.cli.doctor.models import Check, Say, Subject
from flovify.cli.doctor.outside import Host
from flovify.cli.doctor.store import Server
from flovify.cli.up.environment import Settings
from flovify.common.settings import ServiceSettings, load

NOW = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
SAY = Say(Subject.DATABASE, "api")
KEY = "a-good-key-of-these-tests-6Kq"


def told(*checks: Check) -> list[tuple[str, str]]:
    """(outcome, name) of each; whatever is not well has a mend."""
    assert all(check.mend for check in checks if check.outcome in ("failed", "warning"))
    return [(check.outcome.value, check.name) for check in checks]


@pytest.mark.parametrize(
    ("server", "bad"),
    [
        (Server(15, "flovify_api", False, True, "203.0.113.5"), []),
        (Server(15, "flovify_api", False, False, None), []),
        (Server(15, "flovify_api", False, False, "127.0.0.1"), []),
        (Server(15, "flovify_api", False, False, "10.0.0.5"), []),
        (Server(15, "flovify_api", False, False, "8.8.8.8"), [("warning", "tls")]),
        (Server(14, "flovify_api", False, True, None), [("failed", "version")]),
        (Server(17, "postgres", True, True, None), [("failed", "role")]),
    ],
)
def test_the_server_is_judged(server: Server, bad: list[tuple[str, str]]) -> None:
    assert [one for one in told(*checks_database.judge_server(SAY, server)) if one[0] != "ok"] == bad


@pytest.mark.parametrize(("free", "outcome"), [(10, "ok"), (9, "warning"), (-1, "warning")])
def test_few_connections_are_a_warning(free: int, outcome: str) -> None:
    assert told(checks_database.judge_connections(SAY, free, 100)) == [(outcome, "connections")]


@pytest.mark.parametrize(("free", "outcome"), [(511, "failed"), (2047, "warning"), (2048, "ok")])
def test_room_is_judged_by_what_closes_the_intake(free: int, outcome: str) -> None:
    assert told(checks_database.room_left(SAY, free, 512)) == [(outcome, "room")]


@pytest.mark.parametrize(
    ("ahead", "outcome"), [(0.2, "ok"), (-5.0, "ok"), (5.1, "warning"), (-60.0, "warning"), (60.5, "failed")]
)
def test_a_clock_is_judged_by_seconds(ahead: float, outcome: str) -> None:
    assert told(checks_clock.judge_skew(SAY, ahead)) == [(outcome, "skew")]


@pytest.mark.parametrize(
    ("counts", "keys", "outcome", "text"),
    [
        ({}, [KEY], "ok", "every key in use"),
        ({"deadbeef": 3}, [KEY], "failed", "3 subscriptions need deadbeef"),
        ({}, [KEY, "the-old-key-of-these-tests"], "warning", "nothing needs the old"),
        ({None: 1}, [KEY, "the-old-key-of-these-tests"], "ok", "being replaced"),
    ],
)
def test_client_state_keys_are_judged(counts: dict[str | None, int], keys: list[str], outcome: str, text: str) -> None:
    check = checks_keys.judge_uses(SAY, Keyring(keys).uses(counts))
    assert told(check) == [(outcome, "client_state")]
    assert text in check.found


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        (KeysInUse("a", frozenset(), frozenset()), "ok"),
        (KeysInUse("a", frozenset("a"), frozenset("a")), "ok"),
        (KeysInUse("a", frozenset("ab"), frozenset("ab")), "warning"),
    ],
)
def test_vault_keys_are_judged(keys: KeysInUse, outcome: str) -> None:
    assert told(checks_keys.judge_vault(SAY, keys)) == [(outcome, "vault")]


@pytest.mark.parametrize(
    ("oldest", "known", "outcomes"),
    [
        (0.0, True, ["ok", "ok"]),
        (119.0, True, ["ok", "ok"]),
        (121.0, True, ["ok", "failed"]),
        (0, False, ["failed", "ok"]),
    ],
)
def test_audit_logs_are_judged(oldest: float, known: bool, outcomes: list[str]) -> None:
    found = told(*checks_keys.judge_audit(Say(Subject.KEYS, "audit log of auth"), 1, oldest, known=known))
    assert found == list(zip(outcomes, ["audit_key", "audit_sealed"], strict=True))


@pytest.mark.parametrize(
    ("status", "version", "expected"),
    [
        (200, __version__, ("ok", "answers")),
        (503, __version__, ("failed", "answers")),
        (200, "0.0", ("warning", "version")),
    ],
)
def test_health_is_judged(status: int, version: str, expected: tuple[str, str]) -> None:
    health = checks_processes._Health("ok", version, {"database": "ok" if status == 200 else "TimeoutError"})
    check = checks_processes.judge_health(SAY, status, health)
    assert told(check) == [expected]
    assert ("database (TimeoutError)" in check.found) is (status == 503)


def test_workers_are_judged_by_their_sign_of_life_and_version() -> None:
    def worker(version: str, *, alive: bool) -> Worker:
        return Worker("w", NOW, NOW, version, 2, alive, 0.0)

    judged = checks_processes.judge_workers
    assert told(*judged(SAY, [worker(__version__, alive=True)])) == [("ok", "alive")]
    assert told(*judged(SAY, [worker(__version__, alive=False)])) == [("failed", "alive")]
    assert told(*judged(SAY, [worker("0.0", alive=True)])) == [("ok", "alive"), ("warning", "version")]


@pytest.mark.parametrize(("status", "outcome"), [(401, "failed"), (404, "ok"), (422, "ok")])
def test_a_refused_secret_is_another(status: int, outcome: str) -> None:
    assert told(checks_processes.judge_secret(SAY, "auth", status)) == [(outcome, "shared_with_auth")]


def address(
    variable: str = "MS365_WEBHOOK_URL", *, production: bool = False, real: bool = True
) -> checks_addresses.Address:
    return checks_addresses.Address(variable, "http://hooks.example.com/x", production, real)


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (address(), "failed"),
        (address(real=False), "ok"),
        (address("PUBLIC_URL"), "ok"),
        (address("PUBLIC_URL", production=True), "failed"),
    ],
)
def test_plain_http_is_for_ones_own_machine(one: checks_addresses.Address, outcome: str) -> None:
    assert told(checks_addresses.judge_http(SAY, one)) == [(outcome, "https")]


@pytest.mark.parametrize(
    ("found", "real", "outcome"),
    [(["192.168.1.5"], True, "warning"), (["192.168.1.5"], False, "ok"), (["10.0.0.1", "8.8.8.8"], True, "ok")],
)
def test_private_addresses_of_the_webhook_are_a_warning(found: list[str], real: bool, outcome: str) -> None:
    assert told(checks_addresses.judge_addresses(SAY, address(real=real), found)) == [(outcome, "dns")]


@pytest.mark.parametrize(("days", "expected"), [(13, ("warning", "certificate_ends")), (14, ("ok", "tls"))])
def test_a_certificate_is_judged_by_its_days(days: int, expected: tuple[str, str]) -> None:
    assert told(checks_addresses.judge_days(SAY, NOW + dt.timedelta(days=days, hours=1), NOW)) == [expected]


def test_what_speaks_no_tls_is_named() -> None:
    assert told(checks_addresses.judge_refusal(SAY, address(), ssl.SSLError(1, "wrong version"))) == [("failed", "tls")]


@pytest.mark.parametrize("step", ["dns", "connection", "tls", "answer"])
def test_each_step_of_the_webhook_has_a_name_and_a_mend(step: str) -> None:
    steps = [Step("dns", "ok", 1, ""), Step(step, "failed", 1, "It fails.")]  # type: ignore[arg-type]
    assert told(checks_webhook.judge_steps(SAY, steps)) == [("failed", f"webhook_{step}")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"step": "validation", "status": "ok"}, ("ok", "validation")),
        ({"step": "token", "status": "skipped", "words": "Not tried."}, ("skipped", "token")),
        ({"step": "token", "status": "failed", "code": "x", "words": "Away."}, ("failed", "token")),
        ({"step": "token", "status": "failed", "words": {"cause": "A.", "action": "B."}}, ("failed", "token")),
    ],
)
def test_a_line_of_the_connection_test_is_a_check(line: dict[str, object], expected: tuple[str, str]) -> None:
    assert told(checks_webhook.judge_line(SAY, line)) == [expected]


def overview(*ends: dt.datetime | None) -> RegistrationOverview:
    registration = Registration(uuid.uuid4(), "ms365", "c", "global", "common", "App", True, "stored")
    credentials = [
        CredentialOverview(uuid.uuid4(), "secret", "stored", None, None, one, NOW, None, None) for one in ends
    ]
    return RegistrationOverview(registration, credentials, 0, None, None, NOW, [])


@pytest.mark.parametrize(
    ("ends", "stand_in", "expected"),
    [
        ([], False, ("failed", "credential_missing")),
        ([None], False, ("warning", "credential_end_unknown")),
        ([None], True, ("ok", "credential_days")),
        ([NOW - dt.timedelta(days=1)], False, ("failed", "credential_expired")),
        ([NOW + dt.timedelta(days=59)], False, ("warning", "credential_expiring")),
        ([NOW + dt.timedelta(days=59), NOW + dt.timedelta(days=200)], False, ("ok", "credential_days")),
    ],
)
def test_days_left_are_those_of_the_credential_that_lasts_longest(
    ends: list[dt.datetime | None], stand_in: bool, expected: tuple[str, str]
) -> None:
    assert told(*checks_entra.judge_days(SAY, overview(*ends), NOW, stand_in=stand_in)) == [expected]


@pytest.mark.parametrize(
    ("error", "number", "expected"),
    [
        ("invalid_client", 7000215, ("failed", "client_secret_wrong")),
        ("invalid_client", 7000222, ("failed", "client_secret_expired")),
        ("unauthorized_client", 700016, ("failed", "app_not_in_organization")),
        ("temporarily_unavailable", None, ("warning", "temporarily_unavailable")),
    ],
)
def test_entras_refusals_are_told_by_number(error: str, number: int | None, expected: tuple[str, str]) -> None:
    assert told(
        checks_entra.judge_refusal(SAY, EntraFailure("app_credential", error, 401 if number else 503, number))
    ) == [expected]


URI = "https://console.example.com/auth/oauth/ms365/callback"


@pytest.mark.parametrize(
    ("location", "body", "expected"),
    [
        (f"{URI}?error=login_required", b"", ("ok", "redirect_uri")),
        (f"{URI}-other?error=login_required", b"", ("skipped", "redirect_uri")),
        ("", b"<p>AADSTS50011: The redirect URI", ("failed", "redirect_uri_missing")),
        ("", b"AADSTS700016: Application", ("failed", "app_not_in_organization")),
        ("", b"<html>Sign in to your account</html>", ("skipped", "redirect_uri")),
    ],
)
def test_a_redirect_uri_is_judged_only_by_what_tells(location: str, body: bytes, expected: tuple[str, str]) -> None:
    check = checks_entra.judge_redirect(SAY, URI, location, body, "client")
    assert told(check) == [expected]
    assert expected[0] != "skipped" or URI in check.mend


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (Finding("granted"), ("ok", "granted")),
        (Finding("granted", missing=["Mail.Read"]), ("failed", "permission_missing")),
        (Finding("pending", error={"error": "invalid_client", "aadsts": 7000222}), ("failed", "not_granted")),
        (Finding("pending"), ("failed", "not_granted")),
    ],
)
def test_permissions_are_judged_by_what_was_tried(finding: Finding, expected: tuple[str, str]) -> None:
    assert told(checks_entra.judge_finding(SAY, finding)) == [expected]


@pytest.mark.parametrize(
    ("status", "name"), [(401, "reachable"), (200, "reachable"), (503, "unavailable"), (407, "unavailable")]
)
def test_any_answer_of_graphs_own_is_one(status: int, name: str) -> None:
    host = Host("graph", "global", "", "https://graph.microsoft.com/v1.0/me", SecretStr(""))
    assert checks_graph.judge_status(SAY, host, status).name == name


def test_a_misspelt_setting_is_told_with_what_was_meant() -> None:
    given = {"FLOVIFY_PUBLC_URL": "x", "MS365_WEBHOK_URL": "x", "FLOVIFY_PORT": "1", "SERVICE_SECRT": "x", "HOME": "/"}
    found = {check.of: check.mend for check in checks_settings.misspelt(given)}
    assert found["MS365_WEBHOK_URL"] == "Did you mean MS365_WEBHOOK_URL?"
    assert set(found) == {"FLOVIFY_PUBLC_URL", "MS365_WEBHOK_URL"}
    in_file = Settings(given, frozenset({"SERVICE_SECRT"}))
    assert "SERVICE_SECRT" in {check.of for check in checks_settings.misspelt(in_file)}
    known = {
        "SERVICE_SECRET_FILE": "x",
        "FLOVIFY_CLOCK_OFFSET": "0",
        "FLOVIFY_UP_DATA_DIR": "/",
        "API_DATABASE_URL": "x",
    }
    assert list(checks_settings.misspelt(known)) == []


class _Shares(ServiceSettings):
    service_secret: SecretStr
    front_door_secret: SecretStr = SecretStr("")
    audit_key: SecretStr = SecretStr("")


@pytest.mark.parametrize(
    ("auth", "api", "outcomes"),
    [
        ("one", "one", ["ok"]),
        ("new,old", "old,new", ["ok"]),
        ("new,old", "old", ["failed"]),
        ("one", "two", ["failed"]),
    ],
)
def test_shared_secrets_are_those_that_each_would_accept(auth: str, api: str, outcomes: list[str]) -> None:
    settings = {"auth": _Shares(service_secret=SecretStr(auth)), "api": _Shares(service_secret=SecretStr(api))}
    assert [check.outcome for check in checks_settings.shared(settings)] == outcomes


def test_api_and_worker_must_have_one_queue() -> None:
    given = {
        "DATABASE_URL": "postgresql://u:p@localhost/f",
        "SERVICE_SECRET": "q8Zt1mVh2Kx0pLw7",
        "MS365_WEBHOOK_URL": "https://hooks.example.com/api/ms365/webhook",
        "MS365_CLIENT_STATE": "w8Zt1mVh2Kx0pLw7",
    }
    plain = load(ApiBaseSettings, given)
    one, two = (
        load(ApiBaseSettings, {**given, "QUEUE_BACKEND": "redis", "QUEUE_URL": f"redis://:s3cret-canary@{host}"})
        for host in ("one", "two")
    )
    assert list(checks_settings.queue({"api": plain, "worker": plain})) == []
    assert list(checks_settings.queue({"api": one})) == [], "the other one is elsewhere"
    assert told(*checks_settings.queue({"api": one, "worker": one})) == [("ok", "shared")]
    for api, worker in ((one, two), (one, plain), (plain, one)):
        (check,) = checks_settings.queue({"api": api, "worker": worker})
        assert check.outcome == "failed"
        assert "canary" not in check.found + check.mend


@pytest.mark.parametrize(
    ("variable", "value", "names"),
    [
        ("SERVICE_SECRET", "change-me-change-me-change-me", ["placeholder"]),
        ("AUDIT_KEY", "<your audit key comes here>", ["placeholder"]),
        ("MICROSOFT_CLIENT_SECRET", "0f0e0d0c-0b0a-4908-8706-050403020100", ["secret_id"]),
        ("MICROSOFT_CLIENT_SECRET", "abc8Q~Hq2l", []),
        ("SERVICE_SECRET", "q8Zt1mVh2Kx0pLw7", []),
    ],
)
def test_placeholders_are_told_and_never_repeated(variable: str, value: str, names: list[str]) -> None:
    checks = list(checks_settings.placeholders({"auth": {variable: value}}))
    assert [check.name for check in checks] == names
    assert all(value not in check.found + check.mend for check in checks)


def test_one_value_for_two_secrets_is_told() -> None:
    values = {"SERVICE_SECRET": "q8Zt1mVh2Kx0pLw7", "AUDIT_KEY": "q8Zt1mVh2Kx0pLw7"}
    assert told(*checks_settings.placeholders({"auth": values})) == [("warning", "reused")]


@pytest.mark.parametrize(
    ("environ", "services"),
    [
        ({}, []),
        ({"FLOVIFY_WORKER_PORT": "1", "PUBLIC_URL": "http://x.example"}, []),
        ({"MICROSOFT_CLIENT_ID": "x"}, ["auth"]),
        ({"MS365_CLIENT_STATE": KEY}, ["api"]),
        ({"FLOVIFY_AUTH_URL": "http://auth:8001"}, ["bff"]),
    ],
)
def test_services_are_known_by_what_only_they_have(
    environ: dict[str, str], services: list[str], tmp_path: Path
) -> None:
    found = find(environ, tmp_path)
    assert list(found.environments) == services
    assert all(name in found.faults or name == "bff" for name in services)
    assert not found.beside_up


def test_settings_that_cannot_be_read_are_a_line_and_no_exception(tmp_path: Path) -> None:
    found = find({"SERVICE_SECRET_FILE": str(tmp_path / "none")}, tmp_path)
    assert told(*checks_settings.judge(found, tmp_path)) == [("failed", "unusable")]
