"""A compose file run as plain processes: what a container engine would do, as far as it can be done without one.

Each service gets exactly its own command, environment, settings file, secrets and health check; ports and host names
of the file's own networks become free ports here. What is named and not there (a service, a port, a secret) fails.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from flovify.cli.services import SERVICES, started_by
from tests.support.net import free_port
from tests.support.processes import Process, base_environment, flovify_command, start

_VARIABLE = re.compile(r"\$\{(\w+)(?::?([-?])([^}]*))?\}")
_ADDRESS = re.compile(r"\b([a-z][a-z0-9-]*|127\.0\.0\.1):(\d{2,5})\b")
_LOOPBACK_NAMES = ("localhost", "127.0.0.1")
LOOPBACK = "127.0.0.0/8"
HEALTHY_SECONDS = 60


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """As Compose does (compose-spec, Interpolation). Raises KeyError with the words of `${NAME:?words}`."""

    def value(found: re.Match[str]) -> str:
        name, kind, more = found.groups()
        if variables.get(name):
            return variables[name]
        if kind == "-":
            return str(more)
        raise KeyError(f"{name}: {more or 'not set'}")

    return _VARIABLE.sub(value, text)


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a settings file; comments and empty lines left out."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass
class Compose:
    """A file, the folder that stands for its own, and the ports its services got here."""

    file: Path
    folder: Path
    variables: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)  # for every process: what the machine here needs
    database: Callable[[str], str] | None = None  # from a URL that names the service postgres to the one here
    ports: dict[tuple[str, str], int] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = "\n".join(line for line in self.file.read_text().splitlines() if not line.lstrip().startswith("#"))
        self.spec: dict[str, Any] = yaml.safe_load(interpolate(text, self.variables))
        for name in self.ours():
            for variable, default in self._ports_of(name).items():
                self.ports[name, default] = free_port()
                assert variable not in self._own(name), "a port of its own would need one here too"

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return dict(self.spec["services"])

    def ours(self) -> Iterator[str]:
        """The services that run Flovify's image, in the order in which they depend on each other."""
        done: set[str] = {name for name, one in self.services.items() if "flovify" not in self._image(one)}
        waiting = [name for name in self.services if name not in done]
        while waiting:
            name = next(one for one in waiting if set(self.services[one].get("depends_on", {})) <= done)
            waiting.remove(name)
            done.add(name)
            yield name

    def environment(self, name: str) -> dict[str, str]:
        """All that the container would find, with addresses and files as they are here."""
        given = self._defaults(name) | self._own(name)
        mapped = {key: self._here(name, value) for key, value in given.items()}
        ports = {variable: str(self.ports[name, default]) for variable, default in self._ports_of(name).items()}
        return {**self.extra, **mapped, **ports, "FLOVIFY_HOST": "127.0.0.1"}

    def address(self, name: str, port: str) -> str:
        return f"127.0.0.1:{self.ports[name, port]}"

    def command(self, name: str) -> list[str]:
        words: list[str] = self.services[name]["command"]
        return words

    async def run(self, name: str, *words: str) -> str:
        """One command in the service's surroundings, to its end: `docker compose run`. Gives what it printed."""
        process = await asyncio.create_subprocess_exec(
            *flovify_command(*(words or self.command(name))),
            env=base_environment() | self.environment(name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate(b"correct horse battery staple\n")
        assert process.returncode == 0, printed.decode()
        return printed.decode()

    async def up(self) -> None:
        """Every service of ours, each when those it depends on are healthy or have ended well."""
        for name in self.ours():
            if self.services[name].get("restart") == "no":
                await self.run(name)
            else:
                self.running[name] = start(self.command(name), self.environment(name))
                await self.healthy(name)

    async def healthy(self, name: str) -> None:
        """Run the service's own health check until it passes."""
        kind, program, *words = self.services[name]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        async with asyncio.timeout(HEALTHY_SECONDS):
            while await self._check([self._here(name, word) for word in words]):
                assert self.running[name].alive(), self.running[name].output()

    async def _check(self, words: list[str]) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, env=base_environment(), stdout=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    def _own(self, name: str) -> dict[str, str]:
        service = self.services[name]
        found: dict[str, str] = {}
        for file in service.get("env_file", []):
            found |= read_env_file(self.folder / file)
        given: dict[str, Any] = service.get("environment", {})
        return found | {key: str(value) for key, value in given.items() if value is not None}

    def _ports_of(self, name: str) -> dict[str, str]:
        """Variable to default port of what the service listens on."""
        words = self.services[name]["command"]
        service = started_by(words)
        if service is None:
            return {}
        fields = SERVICES[service.name].settings_class().model_fields
        return {one.upper(): str(info.default) for one, info in fields.items() if one.endswith("_port")}

    def _defaults(self, name: str) -> dict[str, str]:
        """What the service takes by itself for addresses on its own machine."""
        service = started_by(self.command(name))
        fields = SERVICES[service.name].settings_class().model_fields if service else {}
        found = {one.upper(): str(info.default) for one, info in fields.items()}
        return {one: value for one, value in found.items() if value.startswith(("http://localhost:", "http://127."))}

    def _beside(self, name: str) -> dict[str, int]:
        """The ports that the service finds on its own machine: its own, and of those it shares a network with."""
        shared = self._machine(name)
        return {port: here for (one, port), here in self.ports.items() if self._machine(one) == shared}

    def _machine(self, name: str) -> str:
        return str(self.services[name].get("network_mode", f"service:{name}"))

    def _here(self, name: str, value: str) -> str:
        """A value as it must be outside of containers."""
        if "@postgres:5432/" in value:
            assert self.database, "no database was given"
            return self.database(value)
        if value.startswith("/run/secrets/"):
            secret = value.removeprefix("/run/secrets/")
            assert secret in self.services[name]["secrets"], f"{name} is not given the secret {secret}"
            return str(self.folder / self.spec["secrets"][secret]["file"])

        def mapped(found: re.Match[str]) -> str:
            host, port = found.groups()
            if host in _LOOPBACK_NAMES:
                return f"{host}:{self._beside(name).get(port, port)}"
            if host not in self.services:
                return found[0]
            assert self._share_a_network(name, host), f"{name} cannot reach {host}"
            return f"127.0.0.1:{self.ports[host, port]}"

        return _ADDRESS.sub(mapped, LOOPBACK if value in self._subnets() else value)

    def _subnets(self) -> set[str]:
        """What the file's networks are given; here all of them are loopback."""
        networks = (one or {} for one in self.spec.get("networks", {}).values())
        return {config["subnet"] for one in networks for config in one.get("ipam", {}).get("config", [])}

    def _share_a_network(self, one: str, other: str) -> bool:
        networks = [set(self.services[name].get("networks", ["default"])) for name in (one, other)]
        return bool(networks[0] & networks[1])

    def _image(self, service: Mapping[str, Any]) -> str:
        return str(service.get("image", ""))
