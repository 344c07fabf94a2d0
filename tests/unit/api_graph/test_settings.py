from __future__ import annotations

import pytest

from flovify.api.settings import ApiSettings, WorkerSettings
from flovify.common.settings import SettingError, load

GOOD = {
    "DATABASE_URL": "postgresql://flovify_api:pw@localhost/flovify",
    "SERVICE_SECRET": "abcdefghijklmnopqrstuvwxyz",
    "MS365_WEBHOOK_URL": "https://hooks.contoso.example/api/ms365/webhook",
    "MS365_CLIENT_STATE": "zyxwvutsrqponmlkjihgfedcba",
}
AUDIT_KEY = "audit-key-of-these-tests"


def test_defaults_are_those_of_one_machine() -> None:
    settings = load(ApiSettings, GOOD)
    assert (settings.flovify_api_port, settings.flovify_api_internal_port) == (8002, 8012)
    assert settings.auth_service_url == "http://127.0.0.1:8011"
    assert settings.lifecycle_url == settings.ms365_webhook_url
    assert load(WorkerSettings, {**GOOD, "AUDIT_KEY": AUDIT_KEY}).flovify_worker_port == 8003


def test_two_client_states_while_rotating() -> None:
    settings = load(ApiSettings, {**GOOD, "MS365_CLIENT_STATE": "newnewnew-abcdefg-1, oldoldold-abcdefg-2"})
    assert settings.client_state_keys == ("newnewnew-abcdefg-1", "oldoldold-abcdefg-2")


def test_two_service_secrets_while_rotating() -> None:
    settings = load(ApiSettings, {**GOOD, "SERVICE_SECRET": "newnewnew-abcdefg-1 ,oldoldold-abcdefg-2,"})
    assert settings.service_secrets == ("newnewnew-abcdefg-1", "oldoldold-abcdefg-2")


@pytest.mark.parametrize(
    ("url", "stand_in"),
    [
        ("https://graph.microsoft.com", ""),
        ("https://graph.microsoft.us", ""),
        ("http://localhost:8365", "http://localhost:8365"),
        ("https://graph.microsoft.com.stand-in.example", "https://graph.microsoft.com.stand-in.example"),
    ],
)
def test_only_another_host_than_microsofts_stands_in_for_every_cloud(url: str, stand_in: str) -> None:
    assert load(ApiSettings, {**GOOD, "MICROSOFT_GRAPH_URL": url}).graph_stand_in == stand_in


@pytest.mark.parametrize("name", sorted(GOOD))
def test_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} is required; ") as caught:
        load(ApiSettings, {key: value for key, value in GOOD.items() if key != name})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("SERVICE_SECRET", "short"),
        ("SERVICE_SECRET", "a" * 40),
        ("SERVICE_SECRET", "long-enough-abcdef,short"),
        ("SERVICE_SECRET", ","),
        ("MS365_CLIENT_STATE", "short"),
        ("MS365_CLIENT_STATE", "long-enough-abcdef,short"),
        ("MS365_CLIENT_STATE", ","),
        ("MS365_WEBHOOK_URL", "hooks.contoso.example/x"),
        ("MS365_WEBHOOK_URL", "https://user:pw@hooks.contoso.example/x"),
        ("MS365_WEBHOOK_URL", "https://hooks.contoso.example:99999/x"),
        ("MS365_LIFECYCLE_URL", "ftp://x"),
        ("MICROSOFT_GRAPH_URL", "graph"),
        ("AUTH_SERVICE_URL", "auth:8011"),
        ("QUEUE_BACKEND", "kafka"),
        ("QUEUE_BACKEND", "redis"),
        ("QUEUE_BACKEND", "rabbitmq"),
        ("QUEUE_URL", "redis://user:pw@queue.contoso.example"),
        ("FLOVIFY_API_PORT", "0"),
        ("FLOVIFY_API_PORT", "x"),
    ],
)
def test_malformed_setting_is_named_and_never_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(ApiSettings, {**GOOD, name: value})
    assert name in str(caught.value)
    assert "user:pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("backend", "good", "bad"),
    [
        ("redis", "rediss://user:pw@one/0", "amqp://user:pw@one"),
        ("redis", "redis://one", "redis://user:pw@one,redis://user:pw@two"),
        ("rabbitmq", "amqp://user:pw@one/v,amqps://user:pw@two/v", "amqp://user:pw@one,redis://two"),
    ],
)
def test_the_queue_s_address_is_one_of_its_engine(backend: str, good: str, bad: str) -> None:
    settings = load(ApiSettings, {**GOOD, "QUEUE_BACKEND": backend, "QUEUE_URL": good})
    assert "pw" not in str(settings.summary())
    with pytest.raises(SettingError, match="QUEUE_URL must be") as caught:
        load(ApiSettings, {**GOOD, "QUEUE_BACKEND": backend, "QUEUE_URL": bad})
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MS365_WEBHOOK_URL", "http://hooks.contoso.example/x"),
        ("MICROSOFT_GRAPH_URL", "http://localhost:8365"),
        ("MICROSOFT_GRAPH_URL", "https://graph.microsoft.com.evil.example"),
    ],
)
def test_production_takes_only_https_and_microsofts_hosts(name: str, value: str) -> None:
    load(ApiSettings, {**GOOD, name: value})
    with pytest.raises(SettingError, match=name):
        load(ApiSettings, {**GOOD, name: value, "FLOVIFY_ENV": "production"})


def test_secrets_stay_out_of_the_summary() -> None:
    shown = str(load(ApiSettings, GOOD).summary())
    for name in ("SERVICE_SECRET", "MS365_CLIENT_STATE", "DATABASE_URL"):
        assert GOOD[name] not in shown


@pytest.mark.parametrize("value", ["", "short", "a" * 40, f"{AUDIT_KEY},short", ","])
def test_no_worker_without_a_good_audit_key(value: str) -> None:
    with pytest.raises(SettingError, match="AUDIT_KEY"):
        load(WorkerSettings, {**GOOD, "AUDIT_KEY": value})


def test_the_first_audit_key_seals_and_the_api_has_none() -> None:
    settings = load(WorkerSettings, {**GOOD, "AUDIT_KEY": f"{AUDIT_KEY}-new, {AUDIT_KEY}"})
    assert settings.audit_keys == (f"{AUDIT_KEY}-new", AUDIT_KEY)
    assert AUDIT_KEY not in str(settings.summary())
    assert "audit_key" not in ApiSettings.model_fields
