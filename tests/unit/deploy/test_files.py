"""The files of deploy/ and .github/ against the schemas of those who read them, and against each other."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from flovify.cli.services import SERVICES
from flovify.common.secret_files import secret_variables
from tests.conftest import ROOT
from tests.support.compose import read_env_file
from tests.support.json_schema import jsonschema

COMPOSE = sorted((ROOT / "deploy").glob("**/docker-compose*.yml"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PRODUCTION = ROOT / "deploy/docker-compose.yml"


def _schema(name: str) -> Any:
    file = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    return json.loads(file.read_text())


def _hold(path: Path, schema: str) -> None:
    rules = _schema(schema)
    kind = jsonschema.validators.validator_for(rules)
    problems = [f"{list(one.absolute_path)}: {one.message}" for one in kind(rules).iter_errors(_read(path))]
    assert problems == []


def _read(path: Path) -> Any:
    found = yaml.safe_load(path.read_text())
    # YAML 1.1 takes the word `on` for true.
    return {("on" if key is True else key): value for key, value in found.items()}


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_a_compose_file_is_one(path: Path) -> None:
    _hold(path, "compose-spec")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one(path: Path) -> None:
    _hold(path, "github-workflows")


def test_what_an_example_names_is_a_setting_of_its_service() -> None:
    for name in ("auth", "api", "worker", "bff"):
        path = ROOT / "deploy/env" / f"{name}.env.example"
        fields = {field.upper() for field in SERVICES[name].settings_class().model_fields}
        given = {line.lstrip("#").partition("=")[0] for line in path.read_text().splitlines() if "=" in line}
        assert {one for one in given if one.isupper()} <= fields


def test_every_secret_of_a_service_is_given_by_file_and_no_other() -> None:
    services = yaml.safe_load(PRODUCTION.read_text())["services"]
    for name in ("auth", "api", "worker", "bff"):
        secrets = secret_variables(SERVICES[name].settings_class().model_fields)
        given = {key.removesuffix("_FILE"): value for key, value in services[name]["environment"].items()}
        by_file = {key for key, value in given.items() if str(value).startswith("/run/secrets/")}
        assert by_file <= secrets
        assert {str(given[key]).removeprefix("/run/secrets/") for key in by_file} == set(services[name]["secrets"])
        assert not secrets & set(read_env_file(ROOT / "deploy/env" / f"{name}.env.example"))


def test_only_caddy_is_published_and_nothing_of_ours_may_do_more_than_it_must() -> None:
    services = yaml.safe_load(PRODUCTION.read_text())["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["caddy"]
    for name in ("migrate", "auth", "api", "worker", "bff"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
    assert "outside" not in services["bff"]["networks"]
    assert services["postgres"]["networks"] == ["data"]
    assert "data" not in services["bff"]["networks"] + services["caddy"]["networks"]
