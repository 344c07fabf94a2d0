"""An installation over several hosts, as docs/scaling.md lays it out, with Caddy before the two that answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.support.hosts import Host, hosts
from tests.support.networks import places
from tests.support.postgres import Cluster
from tests.support.processes import wait_ready
from tests.support.stack import Stack
from tests.support.wait import until

_NAMES = ("db", "graph", "front", "api1", "api2", "worker1", "worker2", "worker3")
_NAME, _NETWORK = "flovify-h", "10.213.78"
_CADDY = Path(__file__).resolve().parents[2] / ".tools/debian/usr/bin/caddy"
# Each on its own machine has the port it has by itself.
_PORTS = {
    "FLOVIFY_PORT": 8000, "FLOVIFY_BFF_INTERNAL_PORT": 8010, "FLOVIFY_AUTH_PORT": 8001,
    "FLOVIFY_AUTH_INTERNAL_PORT": 8011, "FLOVIFY_API_PORT": 8002, "FLOVIFY_API_INTERNAL_PORT": 8012,
    "FLOVIFY_WORKER_PORT": 8003, "FLOVIFY_SANDBOX_PORT": 8365, "FLOVIFY_SANDBOX_TLS_PORT": 8366,
    "FLOVIFY_SANDBOX_PROXY_PORT": 8367, "FLOVIFY_SANDBOX_SMTP_PORT": 8325,
}  # fmt: skip
_READY = {
    "auth": ":8001/auth/ready", "api": ":8002/api/ready", "bff": ":8000/bff/health", "worker": ":8003/ready",
    "sandbox": ":8365/_sandbox/mailboxes",
}  # fmt: skip
# What the front shares out, and by what it knows whether a machine can serve.
_BALANCED = {8000: (8002, "/api/ready"), 8001: (8001, "/auth/ready"), 8002: (8002, "/api/ready"),
             8011: (8001, "/auth/ready")}  # fmt: skip
_OPTIONS = """{
	admin off
	auto_https off
}
"""
# No second try at another machine: Microsoft does that, and Caddy 2.6 takes the body it has sent already for the other
# machine's fault.
_SITE = """http://{front}:{port} {{
	bind {front}
	reverse_proxy {behind} {{
		lb_policy round_robin
		fail_duration 2s
		health_port {health_port}
		health_uri {health_uri}
		health_interval 1s
		health_timeout 1s
		transport http {{
			dial_timeout 500ms
			response_header_timeout 2500ms
		}}
	}}
}}
"""


class Spread(Stack):
    """A stack in parts; from outside, auth and api are behind the front."""

    hosts: dict[str, Host]
    cluster: Cluster

    def url(self, port: str) -> str:
        return f"http://{self.hosts['graph' if 'SANDBOX' in port else 'front'].address}:{self.ports[port]}"

    def begin(self, name: str, *services: str) -> None:
        """Start these on a host, one after the other; returns when all are ready."""
        host = self.hosts[name]
        own = {"FLOVIFY_HOST": host.address, "FLOVIFY_BFF_INTERNAL_HOST": host.address}
        if "api" in services:
            own |= self._beside(host)
        for service in services:
            args = ["serve", service] if service in {"auth", "api", "bff"} else [service]
            process = host.start(service, args, {**self.environment(service), **own})
            self.processes[f"{name}/{service}"] = process
            wait_ready(process, f"http://{host.address}{_READY[service]}", 60)

    def _beside(self, host: Host) -> dict[str, str]:
        """Front door, auth and api of one machine know each other only, and go with it."""
        ports = {"FLOVIFY_AUTH_URL": 8001, "FLOVIFY_API_URL": 8002, "AUTH_SERVICE_URL": 8011, "API_SERVICE_URL": 8012}
        found = {variable: f"http://{host.address}:{port}" for variable, port in ports.items()}
        return {**found, "FLOVIFY_TRUSTED_PROXIES": self.hosts["front"].address}


@asynccontextmanager
async def spread_out(folder: Path, *, lease_seconds: int) -> AsyncIterator[Spread]:
    """Everything ready, on eight hosts; at the end nothing is left of them."""
    async with AsyncExitStack() as cleanup:
        made = cleanup.enter_context(hosts(cleanup.enter_context(places(_NAME, _NETWORK, len(_NAMES))), *_NAMES))
        cluster = await asyncio.to_thread(cleanup.enter_context, made["db"].postgres())
        database = made["db"].reached(await cluster.create("spread", cluster.template))
        stack = Spread(database, folder, {"FLOVIFY_WORKER_LEASE_SECONDS": str(lease_seconds)})
        stack.hosts, stack.cluster, stack.ports = made, cluster, dict(_PORTS)
        connector = aiohttp.TCPConnector(family=socket.AF_INET, force_close=True)
        stack.http = await cleanup.enter_async_context(aiohttp.ClientSession(connector=connector))
        await asyncio.to_thread(_begin, stack, folder)
        await until(lambda: _is_open(stack), 20, "the front")
        yield stack


def _begin(stack: Spread, folder: Path) -> None:
    stack.begin("graph", "sandbox")
    for name in ("api1", "api2"):
        stack.begin(name, "auth", "api", "bff")
    front = stack.hosts["front"]
    file = folder / "Caddyfile"
    file.write_text(_OPTIONS + "".join(_site(stack, port) for port in _BALANCED))
    home = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    front.start("caddy", [str(_CADDY), "run", "--config", str(file), "--adapter", "caddyfile"], home)
    for number in (1, 2, 3):
        stack.begin(f"worker{number}", "worker")


def _site(stack: Spread, port: int) -> str:
    health_port, health_uri = _BALANCED[port]
    behind = " ".join(f"{stack.hosts[name].address}:{port}" for name in ("api1", "api2"))
    return _SITE.format(
        front=stack.hosts["front"].address, port=port, behind=behind, health_port=health_port, health_uri=health_uri
    )


async def _is_open(stack: Spread) -> bool:
    try:
        async with stack.http.get(f"{stack.bff}/bff/health") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
