"""Debian's Prometheus and Alertmanager over a running stack, with deploy's own files and less patience."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from tests.support.net import free_ports
from tests.support.stack import Stack
from tests.support.wait import until

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".tools/debian/usr/bin"
# Debian's Alertmanager opens its templates where they are once it is installed; what is unpacked is shown to it there.
_SHOWN = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
_WITH_SHARE = (*_SHOWN, 'mount --bind "$0" /usr/share && exec "$@"', f"{PROGRAMS.parent}/share")
# What rates and maxima look back on, in the rules and here.
_WINDOWS = {"5m": "10s", "10m": "30s", "1h": "30s", "1d": "30s"}
_PORTS = {
    "flovify-auth": "FLOVIFY_AUTH_INTERNAL_PORT",
    "flovify-api": "FLOVIFY_API_INTERNAL_PORT",
    "flovify-worker": "FLOVIFY_WORKER_PORT",
    "flovify-bff": "FLOVIFY_BFF_INTERNAL_PORT",
}


@dataclass
class Receiver:
    """Where Alertmanager's webhook ends. Alerts are told apart by name and job."""

    firing: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        for alert in (await request.json())["alerts"]:
            labels = alert["labels"]
            name = " ".join(filter(None, (labels["alertname"], labels.get("job"))))
            if (name in self.firing) != (alert["status"] == "firing"):
                self.seen.append(f"{alert['status']:8} {name}: {alert['annotations']['summary']}")
            (self.firing.add if alert["status"] == "firing" else self.firing.discard)(name)
        return web.Response()

    async def wait_firing(self, names: set[str], timeout: float) -> None:
        await until(lambda: names <= self.firing, timeout, f"{sorted(names)} firing", poll=0.3)

    async def wait_clear(self, names: set[str], timeout: float) -> None:
        await until(lambda: not names & self.firing, timeout, f"{sorted(names)} cleared", poll=0.3)


@asynccontextmanager
async def running_alerting(stack: Stack, folder: Path) -> AsyncIterator[Receiver]:
    """Both programs, ready; what fires and clears arrives at the receiver."""
    prometheus, alertmanager, hook = free_ports(3)
    receiver = Receiver()
    _write_files(stack, folder, alertmanager, hook)
    commands = {
        "alertmanager": [
            *_WITH_SHARE,
            f"{PROGRAMS}/prometheus-alertmanager",
            "--cluster.listen-address=",
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager",
            f"--web.listen-address=127.0.0.1:{alertmanager}",
        ],
        "prometheus": [
            f"{PROGRAMS}/prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{prometheus}",
        ],
    }
    async with AsyncExitStack() as cleanup:
        app = web.Application()
        app.router.add_post("/", receiver.take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        cleanup.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", hook).start()
        for name, command in commands.items():
            log = cleanup.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
            cleanup.callback(process.wait, 20)
            cleanup.callback(process.terminate)
        for port in (alertmanager, prometheus):
            await until(lambda port=port: _ready(stack.http, port), 30, f"port {port}", poll=0.2)  # type: ignore[misc]
        yield receiver


async def _ready(http: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with http.get(f"http://127.0.0.1:{port}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def _write_files(stack: Stack, folder: Path, alertmanager: int, hook: int) -> None:
    deploy = ROOT / "deploy"
    config: dict[str, Any] = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [f"{folder}/rules.yml"]
    config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]}
    config["scrape_configs"] = [
        {
            "job_name": job["job_name"],
            "static_configs": [{"targets": [f"127.0.0.1:{stack.ports[_PORTS[job['job_name']]]}"]}],
        }
        for job in config["scrape_configs"]
        if job["job_name"] in _PORTS
    ]
    rules = (deploy / "prometheus/rules/flovify.yml").read_text()
    rules = re.sub(r"\[(5m|10m|1h|1d)\]", lambda found: f"[{_WINDOWS[found[1]]}]", rules)
    rules = re.sub(r"^( +for:) \w+$", r"\1 2s", rules, flags=re.MULTILINE)
    manager: dict[str, Any] = yaml.safe_load(
        re.sub(r"\$\{([A-Z_]+)\}", "http://filled.example/", (deploy / "alertmanager/alertmanager.yml").read_text())
    )
    # All that fires is to be seen, alone and at once.
    manager["inhibit_rules"] = []
    manager["route"] = {"receiver": "webhook", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
    manager["receivers"] = [{"name": "webhook", "webhook_configs": manager["receivers"][1]["webhook_configs"]}]
    manager["receivers"][0]["webhook_configs"][0]["url"] = f"http://127.0.0.1:{hook}/"
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "rules.yml").write_text(rules)
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(manager))
