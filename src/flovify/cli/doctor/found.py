"""What there is to look at from here: beside `flovify up`, in one service's container or unit, or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flovify.cli.services import SERVICES
from flovify.cli.up.database import Connections, with_user
from flovify.cli.up.environment import data_dir_of, ports, read_settings
from flovify.cli.up.errors import UpError
from flovify.cli.up.plan import Plan, wants_sandbox
from flovify.cli.up.postgres import database_url
from flovify.cli.up.secrets import FILE_NAME, Secrets
from flovify.cli.up.secrets import load as load_secrets
from flovify.common.settings import ServiceSettings, SettingError, load

S = TypeVar("S", bound=ServiceSettings)

# By these a service's settings are known, where they are not whole. A worker's are an api's with AUDIT_KEY.
_MARKS = {
    "auth": ("OAUTH_ENCRYPTION_KEY", "MICROSOFT_CLIENT_ID"),
    "api": ("MS365_CLIENT_STATE", "AUTH_SERVICE_URL"),
    "worker": ("FLOVIFY_WORKER_CONCURRENCY", "FLOVIFY_WORKER_LEASE_SECONDS"),
    "bff": ("FLOVIFY_AUTH_URL", "FLOVIFY_API_URL", "FLOVIFY_TRUSTED_PROXIES", "FLOVIFY_BFF_INTERNAL_HOST"),
}
# Of the database's own variables the service's goes before the one they share.
_OWN_URL = {"auth": "AUTH_DATABASE_URL", "api": "API_DATABASE_URL", "worker": "API_DATABASE_URL"}


@dataclass(frozen=True, repr=False)
class Found:
    """`environments` has what each service here is given, `settings` those that can be loaded, `faults` why not.

    `problem` says why nothing could be found at all. `data_dir` is that of the `flovify up` this is beside, or None.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    data_dir: Path | None = None
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, ServiceSettings] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def beside_up(self) -> bool:
        return self.data_dir is not None

    @property
    def absent(self) -> list[str]:
        """The services that nothing is known of here."""
        return [name for name in _MARKS if name not in self.environments]

    def of(self, kind: type[S], *services: str) -> S | None:
        """The settings of the first of these services that has any of this kind."""
        for name in services:
            found = self.settings.get(name)
            if isinstance(found, kind):
                return found
        return None

    def part(self, kind: type[S], service: str) -> S | None:
        """Those of its settings that `kind` needs, whatever the others lack."""
        try:
            return load(kind, self.environments[service]) if service in self.environments else None
        except SettingError:
            return None

    def value(self, name: str, *services: str) -> str:
        """A variable as these services are given it, checked or not; "" where none is."""
        return next((value for one in services if (value := self.environments.get(one, {}).get(name))), "")

    def dsn(self, schema: str) -> str:
        """The URL of the role that owns the tables of auth or api; "" where it is not known here."""
        return self.value("DATABASE_URL", *(("auth",) if schema == "auth" else ("api", "worker")))


def find(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Found:
    """Look, and make nothing. Never raises for what somebody has set: that is the first thing to be reported."""
    directory = directory or Path.cwd()
    try:
        given = read_settings(os.environ if environ is None else environ, directory)
    except UpError as error:
        return Found(problem=str(error))
    data_dir = data_dir_of(given, directory)
    try:
        beside = (data_dir / FILE_NAME).exists()
        environments = _of_installation(given, data_dir) if beside else _of_environment(given)
    except UpError as error:
        return Found(given, problem=str(error))
    except OSError as error:
        return Found(given, problem=f"FLOVIFY_DATA_DIR {data_dir} cannot be read ({error.strerror})")
    return _loaded(given, data_dir if beside else None, environments)


def _of_installation(given: Mapping[str, str], data_dir: Path) -> dict[str, Mapping[str, str]]:
    secrets = load_secrets(data_dir).with_environment(given)
    plan = Plan(given, data_dir, ports(given), wants_sandbox(given, allowed=True), secrets)
    connections = _connections(given, data_dir, secrets)
    return {name: plan.environment(name, connections) for name in plan.names if name != "sandbox"}


def _connections(given: Mapping[str, str], data_dir: Path, secrets: Secrets) -> Connections:
    """As `flovify up` gives them to its processes; of an own PostgreSQL that is not made yet, one nobody answers at."""
    owner = given.get("DATABASE_URL", "")
    found = {}
    for role, own, password in (
        ("flovify_auth", "AUTH_DATABASE_URL", "POSTGRES_PASSWORD_AUTH"),
        ("flovify_api", "API_DATABASE_URL", "POSTGRES_PASSWORD_API"),
    ):
        made = with_user(owner, role, secrets[password]) if owner else database_url(data_dir, role)
        found[role] = (given.get(own, "") if owner else "") or made or f"postgresql:///flovify?host={data_dir}/not-made"
    return Connections(owner, found["flovify_auth"], found["flovify_api"])


def _of_environment(given: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    found = {}
    for name, marks in _MARKS.items():
        own = given.get(_OWN_URL.get(name, ""))
        environment = {**given, "DATABASE_URL": own} if own else given
        if any(given.get(mark) for mark in marks) or (name != "bff" and _loads(name, environment)):
            found[name] = environment
    return found


def _loads(name: str, environment: Mapping[str, str]) -> bool:
    try:
        load(SERVICES[name].settings_class(), environment)
    except SettingError:
        return False
    return True


def _loaded(given: Mapping[str, str], data_dir: Path | None, environments: Mapping[str, Mapping[str, str]]) -> Found:
    settings: dict[str, ServiceSettings] = {}
    faults: dict[str, str] = {}
    for name, environment in environments.items():
        try:
            settings[name] = load(SERVICES[name].settings_class(), environment)
        except SettingError as error:
            faults[name] = str(error)
    return Found(given, data_dir, environments, settings, faults)
