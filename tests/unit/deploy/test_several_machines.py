"""The compose files for more than one machine, against the one for one machine and the code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from flovify.cli.services import SERVICES
from flovify.common.settings import load
from tests.conftest import ROOT
from tests.support.compose import Compose, read_env_file
from tests.support.kustomize import RANDOM

DEPLOY = ROOT / "deploy"
NAMES = {"FLOVIFY_TAG": "0.1.0", "WEBHOOK_HOST": "hooks.example.com", "FIRST_MACHINE": "10.8.0.1"}
URL = "postgresql://flovify_api:0123456789abcdef@10.8.0.1:5432/flovify"


def _services(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return found


FIRST, WORKER, SHARED, ENGINE = (
    _services(f"docker-compose{part}.yml") for part in ("", ".worker", ".shared", ".engine")
)


def test_a_worker_elsewhere_is_the_first_machine_s_but_for_where_auth_is() -> None:
    (name,) = WORKER
    here, there = dict(WORKER[name]), dict(FIRST["worker"])
    assert set(there) - set(here) == {"networks", "depends_on"}
    environment = there["environment"] | {"AUTH_SERVICE_URL": here["environment"]["AUTH_SERVICE_URL"]}
    # An api watches the room beside PostgreSQL; no worker does.
    del environment["FLOVIFY_DATA_DIR"]
    assert here.pop("environment") == environment
    assert here.pop("image").partition(":?")[0] == there["image"].partition(":?")[0]
    assert here == {key: value for key, value in there.items() if key in here}


def test_a_worker_elsewhere_can_start_with_what_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    shutil.copy(DEPLOY / "env/worker.env.example", tmp_path / "env/worker.env")
    (tmp_path / "secrets").mkdir()
    for secret in WORKER["worker"]["secrets"]:
        (tmp_path / "secrets" / secret).write_text(URL if secret == "api_database_url" else RANDOM)
    given = Compose(DEPLOY / "docker-compose.worker.yml", tmp_path, NAMES).environment("worker")
    settings = SERVICES["worker"].settings_class()
    assert {one.removesuffix("_FILE") for one in given} <= {field.upper() for field in settings.model_fields}
    loaded = load(settings, given).model_dump()
    assert loaded["auth_service_url"] == "http://10.8.0.1:8011"
    assert loaded["database_url"].get_secret_value() == URL


def test_the_first_machine_opens_two_ports_in_the_private_network_and_no_more() -> None:
    port = SERVICES["auth"].settings_class().model_fields["flovify_auth_internal_port"].default
    opened = {name: one["ports"] for name, one in SHARED.items()}
    assert {name: [entry.rpartition("}:")[2] for entry in ports] for name, ports in opened.items()} == {
        "auth": [f"{port}:{port}"], "postgres": ["5432:5432"]
    }  # fmt: skip
    assert all(entry.startswith("${PRIVATE_ADDRESS") for ports in opened.values() for entry in ports)
    # What is in internal networks alone publishes nothing.
    assert all("outside" in SHARED[name].get("networks", FIRST[name]["networks"]) for name in SHARED)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_with_an_engine_api_and_worker_are_told_of_it_and_wait_for_it(name: str) -> None:
    given = ENGINE[name]["environment"]
    fields = SERVICES[name].settings_class().model_fields
    assert {one.lower() for one in given} <= set(fields)
    others = {"DATABASE_URL": URL, "MS365_WEBHOOK_URL": "https://hooks.example.com/api/ms365/webhook"}
    others |= dict.fromkeys(("SERVICE_SECRET", "AUDIT_KEY", "MS365_CLIENT_STATE", "FRONT_DOOR_SECRET"), RANDOM)
    loaded = load(SERVICES[name].settings_class(), others | given).model_dump()
    assert loaded["queue_backend"] in ENGINE
    assert ENGINE[name]["depends_on"] == {"redis": {"condition": "service_healthy"}}


def test_nobody_else_reaches_the_engine_and_it_may_do_no_more_than_it_must() -> None:
    spec = yaml.safe_load((DEPLOY / "docker-compose.engine.yml").read_text())
    assert spec["networks"] == {"queue": {"internal": True}}
    assert ENGINE["redis"]["networks"] == ["queue"]
    assert {name for name, one in ENGINE.items() if "queue" in one["networks"]} == {"redis", "api", "worker"}
    assert not any("queue" in one.get("networks", ()) for one in FIRST.values())
    redis = ENGINE["redis"]
    assert "ports" not in redis
    assert redis["read_only"]
    assert redis["cap_drop"] == ["ALL"]
    assert redis["user"] == "redis"
    assert redis["volumes"] == ["redis:/data"]
    assert redis["image"].partition(":")[2] not in ("", "latest")


def test_every_variable_of_the_files_is_in_the_example() -> None:
    known = set(read_env_file(DEPLOY / ".env.example")) | {
        line.lstrip("#").partition("=")[0] for line in (DEPLOY / ".env.example").read_text().splitlines() if "=" in line
    }
    assert {"PRIVATE_ADDRESS", "FIRST_MACHINE", *NAMES} <= known
