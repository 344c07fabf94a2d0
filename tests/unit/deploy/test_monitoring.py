"""The files of Prometheus, Alertmanager and Grafana against the code, the documents and each other."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml

from flovify.cli.services import SERVICES
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus/rules/flovify.yml").read_text())
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
RECORDED = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
OPERATIONS = (ROOT / "docs/operations.md").read_text()
_NAME = re.compile(r"\b(?:flovify|ms365)_[a-z0-9_]+\b")
_PARTS = ("_total", "_bucket", "_count", "_sum")


@cache
def _known() -> set[str]:
    """Every name that the code gives to a metric."""
    text = "\n".join(path.read_text() for path in (ROOT / "src/flovify").rglob("*.py"))
    return set(re.findall(r'(?:Counter|Gauge|Histogram|Figure)\(\s*"((?:flovify|ms365)_[a-z0-9_]+)"', text))


def _named(expression: str) -> set[str]:
    known = _known()
    found = _NAME.findall(re.sub(r'"[^"]*"', "", expression))
    return {name for name in found if not ({name, *(name.removesuffix(part) for part in _PARTS)} & known)}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page.endswith("/docs/operations.md")
    assert anchor == rule["alert"].lower()
    section = OPERATIONS.partition(f"\n## {rule['alert']}\n")[2].partition("\n## ")[0]
    for part in ("**Means**", "**Look**", "**mend**"):
        assert part.lower() in section.lower()


@cache
def _checks() -> list[dict[str, Any]]:
    """Of all the rules' tests; reading YAML is slow."""
    files = [yaml.safe_load(path.read_text()) for path in (DEPLOY / "prometheus/tests").glob("*.yml")]
    return [check for file in files for one in file["tests"] for check in one["promql_expr_test"]]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_test_in_which_it_fires_and_does_not(rule: dict[str, Any]) -> None:
    seen = {bool(check["exp_samples"]) for check in _checks() if f'"{rule["alert"]}"' in check["expr"]}
    assert seen == {True, False}


def test_every_heading_of_an_alert_has_one() -> None:
    assert set(re.findall(r"^## (Flovify\w+)$", OPERATIONS, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}


def test_rules_name_only_metrics_there_are() -> None:
    for group in RULES["groups"]:
        for rule in group["rules"]:
            assert _named(rule["expr"]) == set(), rule
            assert set(re.findall(r"flovify:\w+:\w+", rule["expr"])) <= RECORDED


def test_the_dashboard_names_only_metrics_there_are() -> None:
    board = json.loads((DEPLOY / "grafana/dashboards/flovify.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert len(expressions) > 30
    for expression in expressions:
        assert _named(expression) == set(), expression
        assert set(re.findall(r"flovify:\w+:\w+", expression)) <= RECORDED
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    assert {panel["datasource"]["uid"] for panel in board["panels"] if "datasource" in panel} == {source["uid"]}
    assert [panel["title"] for panel in board["panels"] if panel["type"] == "row"] == [
        "Promise", "Intake", "Worker", "Accounts and tokens", "Subscriptions", "Services"
    ]  # fmt: skip


def test_prometheus_asks_each_service_on_its_internal_port() -> None:
    ports = {
        "auth": "flovify_auth_internal_port",
        "api": "flovify_api_internal_port",
        "worker": "flovify_worker_port",
        "bff": "flovify_bff_internal_port",
    }
    services = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())["services"]
    jobs = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    asked = {name: one["port"] for job in jobs for one in job.get("dns_sd_configs", ()) for name in one["names"]}
    assert asked == {name: SERVICES[name].settings_class().model_fields[field].default for name, field in ports.items()}
    assert all("services" in services[name]["networks"] for name in asked)
    assert {job["job_name"] for job in jobs if "dns_sd_configs" in job} == {f"flovify-{name}" for name in asked}


def test_what_stands_beside_is_published_on_loopback_only_and_may_do_no_more_than_it_must() -> None:
    found = yaml.safe_load((DEPLOY / "docker-compose.monitoring.yml").read_text())
    beside = {name: one for name, one in found["services"].items() if "image" in one}
    assert set(beside) == {"prometheus", "alertmanager", "grafana"}
    for one in beside.values():
        assert all(port.startswith("127.0.0.1:") for port in one["ports"])
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert set(one["networks"]) <= {"services", "monitoring"}
    fields = {field.upper() for field in SERVICES["bff"].settings_class().model_fields}
    assert set(found["services"]["bff"]["environment"]) <= fields


def test_every_name_in_alertmanagers_file_is_given_by_compose() -> None:
    names = set(re.findall(r"\$\{([A-Z_]+)\}", (DEPLOY / "alertmanager/alertmanager.yml").read_text()))
    found = yaml.safe_load((DEPLOY / "docker-compose.monitoring.yml").read_text())["services"]["alertmanager"]
    assert names == set(found["environment"])
