"""deploy/kubernetes as kustomize builds it, against Kubernetes' schemas, the code, and the compose file."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from referencing import Registry, Resource

from flovify.cli.services import SERVICES, started_by
from flovify.cli.up.plan import _HEALTH
from flovify.common.secret_files import secret_variables
from flovify.common.settings import load
from tests.conftest import ROOT
from tests.support.json_schema import jsonschema
from tests.support.kustomize import Manifests, Object, built, copied
from tests.support.network_policies import Peer, Policies

OVERLAYS = ("base", "overlays/several", "overlays/engine")
VERSIONS = ("v1.32.0", "v1.37.0")
NAMES = ("auth", "api", "worker", "bff")
COMPOSE = yaml.safe_load((ROOT / "deploy/docker-compose.yml").read_text())["services"]


@pytest.fixture(scope="module")
def overlays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manifests]:
    folder = copied(tmp_path_factory.mktemp("kubernetes"))
    return {name: built(folder / name) for name in OVERLAYS}


@pytest.fixture(scope="module")
def base(overlays: dict[str, Manifests]) -> Manifests:
    return overlays["base"]


@cache
def _schemas() -> Path:
    """The folder of kubernetes-validate, which is not loaded for it."""
    spec = importlib.util.find_spec("kubernetes_validate")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"


def _problems(objects: Iterable[Object], version: str) -> Iterator[str]:
    """By the strict schemas: a field that Kubernetes would drop is none."""
    folder = _schemas() / f"{version}-local-strict"
    definitions = json.loads((folder / "_definitions.json").read_text())
    registry: Registry[Any] = Registry().with_resource(definitions["$id"], Resource.from_contents(definitions))
    for one in objects:
        group, _, number = one["apiVersion"].rpartition("/")
        name = "-".join(part for part in (one["kind"], group.partition(".")[0], number) if part)
        rules = json.loads((folder / f"{name.lower()}.json").read_text())
        for problem in jsonschema.Draft202012Validator(rules, registry=registry).iter_errors(one):
            yield f"{one['kind']} {one['metadata']['name']} {list(problem.absolute_path)}: {problem.message}"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_one_for_the_oldest_and_the_newest_kubernetes(
    overlays: dict[str, Manifests], version: str
) -> None:
    different = {json.dumps(one, sort_keys=True): one for manifests in overlays.values() for one in manifests.objects}
    assert len(different) > 30
    assert list(_problems(different.values(), version)) == []


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_given_settings_it_knows_and_can_start_with(
    overlays: dict[str, Manifests], overlay: str, name: str, tmp_path: Path
) -> None:
    settings = SERVICES[name].settings_class()
    given = overlays[overlay].environment(name, tmp_path)
    assert {one.removesuffix("_FILE") for one in given} <= {field.upper() for field in settings.model_fields}
    loaded = load(settings, given)
    assert loaded.production
    assert loaded.flovify_host == "0.0.0.0"  # noqa: S104 - in a container
    if name in ("api", "worker"):
        queue = loaded.model_dump()["queue_backend"]
        assert queue == ("rabbitmq" if overlay == "overlays/engine" else "postgres")


@pytest.mark.parametrize("name", [*NAMES, "migrate"])
def test_secrets_are_files_and_those_of_the_compose_file_alone(base: Manifests, name: str) -> None:
    variables = {one["name"]: one.get("value", "") for one in base.container(name)["env"]}
    given = {variable: Path(value).name for variable, value in variables.items() if variable.endswith("_FILE")}
    there = {
        variable: value.removeprefix("/run/secrets/")
        for variable, value in COMPOSE[name]["environment"].items()
        if variable.endswith("_FILE")
    }
    assert given == there
    assert set(base.files(name)) == {f"/etc/flovify/{file}" for file in given.values()}
    if name in SERVICES:
        secrets = secret_variables(SERVICES[name].settings_class().model_fields)
        assert {one.removesuffix("_FILE") for one in given} <= secrets
        (source,) = base.container(name)["envFrom"]
        assert not secrets & set(base.of("ConfigMap")[source["configMapRef"]["name"]]["data"])


def test_commands_are_those_of_the_compose_file(base: Manifests) -> None:
    for name in base.pods:
        assert base.container(name)["args"] == COMPOSE[name]["command"]
        assert "command" not in base.container(name)
    for name in NAMES:
        started = started_by(base.container(name)["args"])
        assert started is not None
        assert started.name == name


def _ports(name: str) -> set[int]:
    fields = SERVICES[name].settings_class().model_fields
    return {int(info.default) for field, info in fields.items() if field.endswith("_port")}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("name", NAMES)
def test_ports_and_probes_are_what_the_services_answer(overlays: dict[str, Manifests], overlay: str, name: str) -> None:
    container = overlays[overlay].container(name)
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert set(ports.values()) == _ports(name)
    variable, ready, alive = _HEALTH[name]
    public = int(SERVICES[name].settings_class().model_fields[variable.lower()].default)
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {ports[one["port"]] for one in asked.values()} == {public}
    assert asked["startup"]["path"] == asked["liveness"]["path"] == alive
    # With an engine an api answers notifications while the database is away, if they are led to it.
    without_database = name == "api" and overlay == "overlays/engine"
    assert asked["readiness"]["path"] == (alive if without_database else ready)


def test_what_a_service_leads_to_is_there(base: Manifests) -> None:
    for name, service in base.of("Service").items():
        assert service["spec"].get("type", "ClusterIP") == "ClusterIP"
        (pod,) = [one for one in base.pods.values() if service["spec"]["selector"].items() <= _labels(one).items()]
        assert _labels(pod)["app.kubernetes.io/component"] == name
        named = {one["name"]: one["containerPort"] for one in base.container(name)["ports"]}
        assert all(named[one["targetPort"]] == one["port"] for one in service["spec"]["ports"])
    for name in NAMES:
        budget = base.of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"]
        assert budget == base.of("Deployment")[name]["spec"]["selector"]["matchLabels"]
        assert budget.items() <= _labels(base.pods[name]).items()


def _labels(pod: Object) -> dict[str, str]:
    found: dict[str, str] = pod["metadata"]["labels"]
    return found


def test_outside_two_names_lead_to_the_front_door_and_the_webhook_s_to_the_webhook_alone(base: Manifests) -> None:
    found = {}
    for name, ingress in base.of("Ingress").items():
        (rule,) = ingress["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        assert path["backend"] == {"service": {"name": "bff", "port": {"name": "public"}}}
        assert [one["hosts"] for one in ingress["spec"]["tls"]] == [[rule["host"]]]
        found[name] = (rule["host"], path["pathType"], path["path"])
    assert found == {
        "console": ("console.example.com", "Prefix", "/"),
        "webhook": ("hooks.example.com", "Exact", "/api/ms365/webhook"),
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_pod_may_do_more_than_it_must(overlays: dict[str, Manifests], overlay: str) -> None:
    """The restricted profile of Kubernetes' pod security standards, and what goes beyond it."""
    manifests = overlays[overlay]
    assert set(manifests.pods) == {*NAMES, "migrate"}
    for name, pod in manifests.pods.items():
        spec, container = pod["spec"], manifests.container(name)
        assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["fsGroup"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}
        }  # fmt: skip
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert set(container["resources"]["limits"]) == {"memory"}
        assert all(set(one) <= {"name", "secret", "emptyDir"} for one in spec["volumes"])
    labels = manifests.of("Namespace")["flovify"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_with_several_no_machine_holds_all_of_a_service_that_answers_somebody(overlays: dict[str, Manifests]) -> None:
    for overlay in ("overlays/several", "overlays/engine"):
        deployments = overlays[overlay].of("Deployment")
        assert {name: one["spec"]["replicas"] for name, one in deployments.items()} == {
            "auth": 2, "api": 2, "worker": 3, "bff": 2
        }  # fmt: skip
        for name, one in deployments.items():
            host, zone = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
            assert (host["topologyKey"], zone["topologyKey"]) == (
                "kubernetes.io/hostname", "topology.kubernetes.io/zone"
            )  # fmt: skip
            assert host["whenUnsatisfiable"] == ("ScheduleAnyway" if name == "worker" else "DoNotSchedule")


REACHES = {
    ("bff", "auth", 8001), ("bff", "api", 8002), ("api", "auth", 8011), ("worker", "auth", 8011), ("auth", "api", 8012)
}  # fmt: skip


def _policies(manifests: Manifests) -> Policies:
    return Policies("flovify", list(manifests.of("NetworkPolicy").values()))


def _pods(manifests: Manifests) -> dict[str, Peer]:
    return {name: Peer("flovify", _labels(pod)) for name, pod in manifests.pods.items()}


def test_a_pod_reaches_those_its_settings_name_and_no_other(base: Manifests, tmp_path: Path) -> None:
    policies, pods = _policies(base), _pods(base)
    urls = [(name, urlsplit(value)) for name in NAMES for value in base.environment(name, tmp_path).values()]
    assert {(name, url.hostname, url.port) for name, url in urls if url.scheme == "http"} == REACHES
    services = base.of("Service")
    for _, other, port in REACHES:
        assert port in [one["port"] for one in services[other]["spec"]["ports"]]
    every = {port for name in NAMES for port in _ports(name)}
    assert {
        (one, other, port)
        for one, sender in pods.items()
        for other, receiver in pods.items()
        for port in every
        if policies.leads(sender, receiver, port)
    } == REACHES


def test_from_elsewhere_only_the_ingress_controller_and_prometheus_reach_a_pod(base: Manifests) -> None:
    policies, pods = _policies(base), _pods(base)
    outsiders = {
        "ingress": Peer("traefik", {"app.kubernetes.io/name": "traefik"}),
        "prometheus": Peer("monitoring", {"app.kubernetes.io/name": "prometheus"}),
        "beside it": Peer("monitoring", {"app.kubernetes.io/name": "grafana"}),
        "anybody": Peer("default", {"app.kubernetes.io/component": "bff"}),
        "outside": Peer(address="203.0.113.9"),
    }
    every = {port for name in NAMES for port in _ports(name)}
    assert {
        (who, name, port)
        for who, outsider in outsiders.items()
        for name in NAMES
        for port in every & _ports(name)
        if policies.leads(outsider, pods[name], port)
    } == {
        ("ingress", "bff", 8000),
        ("prometheus", "bff", 8010), ("prometheus", "auth", 8011), ("prometheus", "api", 8012),
        ("prometheus", "worker", 8003),
    }  # fmt: skip


@pytest.mark.parametrize(("overlay", "engine"), [("base", False), ("overlays/engine", True)])
def test_only_what_must_leave_the_cluster_does(overlays: dict[str, Manifests], overlay: str, *, engine: bool) -> None:
    policies, pods = _policies(overlays[overlay]), _pods(overlays[overlay])
    public, private, cloud = (Peer(address=one) for one in ("20.190.128.1", "10.0.0.7", "169.254.169.254"))

    def who(receiver: Peer, port: int) -> set[str]:
        return {name for name, pod in pods.items() if policies.leads(pod, receiver, port)}

    assert who(public, 443) == {"auth", "api", "worker"}
    assert who(Peer(address="2603:1006:2000::1"), 443) == {"auth", "api", "worker"}
    assert who(private, 5432) == {"auth", "api", "worker", "migrate"}
    assert who(private, 5671) == ({"api", "worker"} if engine else set())
    for receiver, port in ((public, 80), (public, 25), (private, 443), (cloud, 443), (cloud, 80)):
        assert who(receiver, port) == set()
    dns = Peer("kube-system", {"k8s-app": "kube-dns"})
    assert all(policies.leads(pod, dns, 53, "UDP") for pod in pods.values())
