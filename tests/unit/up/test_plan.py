"""Each process is given its own variables and nothing of the others'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from flovify.bff.settings import BffSettings
from flovify.cli.up.database import Connections
from flovify.cli.up.environment import ports, read_settings
from flovify.cli.up.errors import ConfigurationError
from flovify.cli.up.plan import Plan, wants_sandbox
from flovify.cli.up.secrets import load_or_create
from flovify.common.setting_sources import shown_settings
from flovify.common.settings import load

CONNECTIONS = Connections("postgresql://owner@h/d", "postgresql://auth@h/d", "postgresql://api@h/d")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def plan(home: Path, **settings: str) -> Plan:
    secrets = load_or_create(home).with_environment(settings)
    return Plan(settings, home, ports(settings), wants_sandbox(settings, allowed=True), secrets)


def environments(home: Path, **settings: str) -> dict[str, Mapping[str, str]]:
    return {child.name: child.environment for child in plan(home, **settings).children(CONNECTIONS)}


def holders(found: Mapping[str, Mapping[str, str]], value: str) -> set[str]:
    return {name for name, environment in found.items() if value in environment.values()}


def test_processes_start_in_order_and_the_front_door_last(home: Path) -> None:
    assert list(environments(home)) == ["sandbox", "auth", "api", "worker", "bff"]


def test_every_secret_goes_only_where_it_is_needed(home: Path) -> None:
    found = environments(home, FLOVIFY_ADMIN_EMAIL="a@example.com", FLOVIFY_ADMIN_PASSWORD="a very long password")
    secrets = load_or_create(home)
    assert holders(found, secrets["OAUTH_ENCRYPTION_KEY"]) == {"auth"}
    assert holders(found, secrets["SERVICE_SECRET"]) == {"auth", "api", "worker"}
    assert holders(found, secrets["MS365_CLIENT_STATE"]) == {"api", "worker"}
    assert holders(found, secrets["AUDIT_KEY"]) == {"auth", "worker"}
    assert holders(found, secrets["SANDBOX_CLIENT_SECRET"]) == {"auth", "sandbox"}
    assert holders(found, "a very long password") == {"auth"}
    assert holders(found, CONNECTIONS.auth) == {"auth"}
    assert holders(found, CONNECTIONS.api) == {"api", "worker"}
    assert holders(found, CONNECTIONS.owner) == set()
    for name in ("POSTGRES_PASSWORD_SUPER", "POSTGRES_PASSWORD_OWNER"):
        assert holders(found, secrets[name]) == set()


def test_what_is_no_setting_of_a_process_is_not_passed_on(home: Path) -> None:
    found = environments(home, AWS_SECRET_ACCESS_KEY="x", DATABASE_URL="postgresql://owner:pw@h/d", PYTHONPATH="/evil")
    for environment in found.values():
        assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(environment)
        assert "postgresql://owner:pw@h/d" not in environment.values()


def test_the_sandbox_plays_microsoft_with_an_application_both_sides_know(home: Path) -> None:
    found = environments(home, FLOVIFY_PORT="9000")
    auth, sandbox = found["auth"], found["sandbox"]
    assert auth["MICROSOFT_AUTHORITY"] == "http://localhost:9365"
    assert found["api"]["MICROSOFT_GRAPH_URL"] == found["worker"]["MICROSOFT_GRAPH_URL"] == "http://localhost:9365"
    assert auth["MICROSOFT_CLIENT_ID"] == sandbox["FLOVIFY_SANDBOX_CLIENT_ID"]
    assert auth["MICROSOFT_CLIENT_SECRET"] == sandbox["FLOVIFY_SANDBOX_CLIENT_SECRET"]
    callback, consent = sandbox["FLOVIFY_SANDBOX_REDIRECT_URIS"].split(",")
    assert auth["MICROSOFT_REDIRECT_URI"] == callback
    assert consent == callback.replace("/callback", "/adminconsent/callback")
    assert auth["MICROSOFT_REDIRECT_URI"] == "http://localhost:9000/auth/oauth/ms365/callback"
    assert found["api"]["MS365_WEBHOOK_URL"] == "http://localhost:9000/api/ms365/webhook"
    assert sandbox["FLOVIFY_SANDBOX_ALLOW_HTTP"] == "1"


def test_with_a_client_id_microsoft_is_microsoft(home: Path) -> None:
    found = environments(
        home, MICROSOFT_CLIENT_ID="id", MICROSOFT_CLIENT_SECRET="of the app", PUBLIC_URL="https://m.example/"
    )
    assert "sandbox" not in found
    assert "MICROSOFT_AUTHORITY" not in found["auth"]
    assert "MICROSOFT_GRAPH_URL" not in found["api"]
    assert found["api"]["MS365_WEBHOOK_URL"] == "https://m.example/api/ms365/webhook"
    assert "FLOVIFY_SANDBOX_PORT" not in plan(home, MICROSOFT_CLIENT_ID="id").wanted_ports()


def test_only_the_front_door_listens_where_flovify_host_says(home: Path) -> None:
    found = environments(home, FLOVIFY_HOST="0.0.0.0")  # noqa: S104
    assert {name for name, environment in found.items() if environment.get("FLOVIFY_HOST") != "127.0.0.1"} == {"bff"}


def test_addresses_between_the_services_are_the_internal_listeners(home: Path) -> None:
    found = environments(home, FLOVIFY_PORT="9000")
    assert found["api"]["AUTH_SERVICE_URL"] == found["worker"]["AUTH_SERVICE_URL"] == "http://localhost:9011"
    assert found["auth"]["API_SERVICE_URL"] == "http://localhost:9012"
    assert found["bff"]["FLOVIFY_AUTH_URL"] == "http://localhost:9001"
    assert found["bff"]["FLOVIFY_API_URL"] == "http://localhost:9002"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OAUTH_ENCRYPTION_KEY", "short"),
        ("SERVICE_SECRET", "short"),
        ("MS365_CLIENT_STATE", "short"),
        ("PUBLIC_URL", "ftp://x"),
        ("FLOVIFY_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_setting_is_named_before_anything_starts(home: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refusal:
        plan(home, **{name: value}).check()
    assert value not in str(refusal.value) or name == "PUBLIC_URL"
    assert "\n" not in str(refusal.value)


def test_each_process_is_told_where_its_settings_come_from(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLOVIFY_LOG_LEVEL=debug\nDATABASE_URL=postgresql://owner:pw@h/d\n")
    given = read_settings({"PUBLIC_URL": "https://m.example/", "FLOVIFY_HOST": "0.0.0.0"}, tmp_path)  # noqa: S104
    secrets = load_or_create(tmp_path / "home").with_environment(given)
    made = Plan(given, tmp_path / "home", ports(given), sandbox=True, secrets=secrets)
    told = {
        name: json.loads(made.environment(name, CONNECTIONS)["FLOVIFY_SETTING_SOURCES"]) for name in ("auth", "bff")
    }
    assert told["auth"]["FLOVIFY_LOG_LEVEL"] == told["bff"]["FLOVIFY_LOG_LEVEL"] == "file"
    assert told["auth"]["PUBLIC_URL"] == told["bff"]["FLOVIFY_HOST"] == "environment"
    # Not the owner's, which the user gave, but the one that was made for auth; and auth listens on loopback only.
    assert told["auth"]["DATABASE_URL"] == told["auth"]["FLOVIFY_HOST"] == "flovify up"
    assert told["auth"]["OAUTH_ENCRYPTION_KEY"] == told["bff"]["FLOVIFY_AUTH_URL"] == "flovify up"
    assert "DATABASE_URL" not in told["bff"]
    shown = shown_settings(
        load(BffSettings, made.environment("bff", CONNECTIONS)), made.environment("bff", CONNECTIONS)
    )
    assert {one.name: one.source for one in shown}["PUBLIC_URL"] == "environment"
