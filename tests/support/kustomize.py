"""deploy/kubernetes as `kubectl apply -k` would send it, with secrets made up for the purpose."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

Object = dict[str, Any]
KUBERNETES = ROOT / "deploy/kubernetes"
KUBECTL = Path(sys.executable).parent / "kubectl"
RANDOM = base64.b64encode(bytes(range(32))).decode()
_QUEUE_URL = "amqps://flovify:password@one.example.com/vhost"


@dataclass(frozen=True)
class Manifests:
    """Every object of an overlay."""

    objects: tuple[Object, ...]

    def of(self, kind: str) -> dict[str, Object]:
        return {one["metadata"]["name"]: one for one in self.objects if one["kind"] == kind}

    @cached_property
    def pods(self) -> dict[str, Object]:
        """What is to run, by its component: the template of each Deployment and Job."""
        found = [one["spec"]["template"] for kind in ("Deployment", "Job") for one in self.of(kind).values()]
        return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one for one in found}

    def container(self, name: str) -> Object:
        (only,) = self.pods[name]["spec"]["containers"]
        found: Object = only
        return found

    def environment(self, name: str, folder: Path) -> dict[str, str]:
        """What the container would find, its files in `folder`. Fails where a map, a key or a file is not there."""
        container, maps = self.container(name), self.of("ConfigMap")
        found: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            found |= maps[source["configMapRef"]["name"]]["data"]
        files = self.files(name)
        for one in container["env"]:
            assert one["name"] not in found, f"{name} is given {one['name']} twice"
            found[one["name"]] = one["value"] if "value" in one else self._from_map(one)
            if one["name"].endswith("_FILE"):
                path = folder / found[one["name"]].lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(files[found[one["name"]]])
                found[one["name"]] = str(path)
        return found

    def files(self, name: str) -> dict[str, bytes]:
        """The secrets that the container finds, by their paths in it."""
        volumes = {one["name"]: one for one in self.pods[name]["spec"]["volumes"]}
        found = {}
        for mount in self.container(name)["volumeMounts"]:
            secret = volumes[mount["name"]].get("secret")
            if secret:
                data = self.of("Secret")[secret["secretName"]]["data"]
                for item in secret.get("items") or [{"key": key, "path": key} for key in data]:
                    found[f"{mount['mountPath']}/{item['path']}"] = base64.b64decode(data[item["key"]])
        return found

    def _from_map(self, variable: Object) -> str:
        place = variable["valueFrom"]["configMapKeyRef"]
        value: str = self.of("ConfigMap")[place["name"]]["data"][place["key"]]
        return value


def copied(folder: Path) -> Path:
    """A copy of deploy/kubernetes in which the secrets and what an operator fills in are there."""
    copy = folder / "kubernetes"
    shutil.copytree(KUBERNETES, copy)
    for kustomization in copy.rglob("kustomization.yaml"):
        for generator in yaml.safe_load(kustomization.read_text()).get("secretGenerator", ()):
            for name in generator["files"]:
                file = kustomization.parent / name
                file.parent.mkdir(exist_ok=True)
                file.write_text(_made_up(file.name))
    auth = copy / "base/auth.env"
    auth.write_text(auth.read_text().replace("MICROSOFT_CLIENT_ID=", "MICROSOFT_CLIENT_ID=an-id"))
    return copy


def _made_up(name: str) -> str:
    if name.endswith("_database_url"):
        role = name.removesuffix("_database_url")
        return f"postgresql://flovify_{role}:{RANDOM[:24]}@db1:5432,db2:5432/flovify?target_session_attrs=read-write"
    return _QUEUE_URL if name == "queue_url" else RANDOM


def built(folder: Path) -> Manifests:
    """As kustomize builds it, which refuses a field it does not know and a file that is not there."""
    words = [str(KUBECTL), "kustomize", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"HOME": str(folder)})
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return Manifests(tuple(yaml.load_all(done.stdout, Loader=_Loader)))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
