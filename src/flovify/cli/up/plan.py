"""From the user's settings to what each process is given: only its own variables, nothing of the others'."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flovify.cli.services import SERVICES
from flovify.cli.up.child import ChildSpec
from flovify.cli.up.database import Connections
from flovify.cli.up.environment import Settings
from flovify.cli.up.errors import ConfigurationError
from flovify.cli.up.lock import MARKER
from flovify.cli.up.secrets import Secrets, front_door_secret
from flovify.common.setting_sources import VARIABLE as SOURCES
from flovify.common.settings import SettingError, load

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "VIRTUAL_ENV")
# The port, what answers once the process can work, and what answers as long as it lives.
_HEALTH = {
    "sandbox": ("FLOVIFY_SANDBOX_PORT", "/_sandbox/mailboxes", "/_sandbox/mailboxes"),
    "auth": ("FLOVIFY_AUTH_PORT", "/auth/ready", "/auth/health"),
    "api": ("FLOVIFY_API_PORT", "/api/ready", "/api/health"),
    "worker": ("FLOVIFY_WORKER_PORT", "/ready", "/health"),
    "bff": ("FLOVIFY_PORT", "/bff/health", "/bff/health"),
}


@dataclass(frozen=True)
class Plan:
    """What one installation consists of. ``settings`` is the user's environment with `.env`."""

    settings: Mapping[str, str]
    data_dir: Path
    ports: Mapping[str, int]
    sandbox: bool
    secrets: Secrets

    @property
    def public_url(self) -> str:
        return self.settings.get("PUBLIC_URL", self._url("FLOVIFY_PORT")).rstrip("/")

    @property
    def sandbox_url(self) -> str:
        return self._url("FLOVIFY_SANDBOX_PORT")

    @property
    def names(self) -> list[str]:
        """The processes in the order of their start."""
        ours = [name for name in SERVICES if name != "sandbox"]
        return ["sandbox", *ours] if self.sandbox else ours

    def wanted_ports(self) -> dict[str, int]:
        """The ports that must be free."""
        return {name: port for name, port in self.ports.items() if self.sandbox or "SANDBOX" not in name}

    def check(self) -> None:
        """Raises ConfigurationError for a setting no process could use, before anything is started or made."""
        self.children(Connections(*["postgresql://not-known-yet/flovify"] * 3))

    def children(self, connections: Connections) -> list[ChildSpec]:
        """The processes to start, each checked against its own settings class first.

        Raises ConfigurationError with the line that names the setting at fault.
        """
        return [self._child(name, connections) for name in self.names]

    def _child(self, name: str, connections: Connections) -> ChildSpec:
        environment = self.environment(name, connections)
        try:
            load(SERVICES[name].settings_class(), environment)
        except SettingError as error:
            raise ConfigurationError(str(error)) from None
        port, ready, live = _HEALTH[name]
        arguments = [sys.executable, "-m", "flovify", *SERVICES[name].words]
        there = f"http://127.0.0.1:{self.ports[port]}"
        return ChildSpec(name, arguments, environment, f"{there}{ready}", f"{there}{live}")

    def environment(self, name: str, connections: Connections) -> dict[str, str]:
        """All variables of one process."""
        own = {field.upper() for field in SERVICES[name].settings_class().model_fields}
        given = {key: value for key, value in self.settings.items() if key in own}
        computed = {key: value for key, value in self._computed(name, connections).items() if key in own}
        # Only the front door is meant to be reached from elsewhere: FLOVIFY_HOST moves no other listener.
        host = {} if name == "bff" else {"FLOVIFY_HOST": "127.0.0.1"}
        offset = {key: self.settings[key] for key in ("FLOVIFY_CLOCK_OFFSET",) if key in self.settings}
        chosen = {**given, **computed, **host}
        return {**offset, **chosen, **self.surroundings(), SOURCES: json.dumps(self._sources(chosen))}

    def surroundings(self) -> dict[str, str]:
        """What every process has of this machine, and what tells it for one of this installation; nothing secret."""
        inherited = {key: self.settings[key] for key in _INHERITED if key in self.settings}
        return {**inherited, MARKER: str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def _sources(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Where each variable's value comes from: the user's own, by its place, or what follows from the plan."""
        files = self.settings.from_file if isinstance(self.settings, Settings) else frozenset()
        own = {key for key, value in chosen.items() if self.settings.get(key, "").rstrip("/") == value.rstrip("/")}
        return {key: "flovify up" if key not in own else "file" if key in files else "environment" for key in chosen}

    def _computed(self, name: str, connections: Connections) -> dict[str, str]:
        """What follows from the plan, for all processes; each takes what its settings class knows."""
        databases = {"auth": connections.auth, "api": connections.api, "worker": connections.api}
        values = {variable: str(port) for variable, port in self.ports.items()}
        values |= {variable: self.secrets[variable] for variable in ("OAUTH_ENCRYPTION_KEY", "SERVICE_SECRET")}
        values |= {
            # Follows from a secret there is: data directories made before need no new one.
            "FRONT_DOOR_SECRET": self.settings.get("FRONT_DOOR_SECRET", front_door_secret(values["SERVICE_SECRET"])),
            "MS365_CLIENT_STATE": self.secrets["MS365_CLIENT_STATE"],
            "AUDIT_KEY": self.secrets["AUDIT_KEY"],
            "FLOVIFY_DATA_DIR": str(self.data_dir),
            "PUBLIC_URL": self.public_url,
            "AUTH_SERVICE_URL": self._url("FLOVIFY_AUTH_INTERNAL_PORT"),
            "API_SERVICE_URL": self._url("FLOVIFY_API_INTERNAL_PORT"),
            "FLOVIFY_AUTH_URL": self._url("FLOVIFY_AUTH_PORT"),
            "FLOVIFY_API_URL": self._url("FLOVIFY_API_PORT"),
            "MICROSOFT_REDIRECT_URI": self._redirect_uri,
            "MS365_WEBHOOK_URL": self.settings.get("MS365_WEBHOOK_URL", f"{self.public_url}/api/ms365/webhook"),
        }
        if name in databases:
            values["DATABASE_URL"] = databases[name]
        return values | (self._microsoft_is_the_sandbox() if self.sandbox else {})

    @property
    def _redirect_uri(self) -> str:
        return self.settings.get("MICROSOFT_REDIRECT_URI", f"{self.public_url}/auth/oauth/ms365/callback")

    @property
    def _admin_consent_uri(self) -> str:
        return f"{self.public_url}/auth/oauth/ms365/adminconsent/callback"

    def _microsoft_is_the_sandbox(self) -> dict[str, str]:
        client_id = self.settings.get("FLOVIFY_SANDBOX_CLIENT_ID", self.secrets["SANDBOX_CLIENT_ID"])
        client_secret = self.settings.get("FLOVIFY_SANDBOX_CLIENT_SECRET", self.secrets["SANDBOX_CLIENT_SECRET"])
        return {
            "MICROSOFT_AUTHORITY": self.sandbox_url,
            "MICROSOFT_GRAPH_URL": self.sandbox_url,
            "MICROSOFT_CLIENT_ID": client_id,
            "MICROSOFT_CLIENT_SECRET": client_secret,
            "FLOVIFY_SANDBOX_ALLOW_HTTP": "1",
            "FLOVIFY_SANDBOX_CLIENT_ID": client_id,
            "FLOVIFY_SANDBOX_CLIENT_SECRET": client_secret,
            "FLOVIFY_SANDBOX_REDIRECT_URIS": f"{self._redirect_uri},{self._admin_consent_uri}",
        }

    def _url(self, port: str) -> str:
        return f"http://localhost:{self.ports[port]}"


def wants_sandbox(settings: Mapping[str, str], allowed: bool) -> bool:
    """Whether the stand-in plays Microsoft. Raises ConfigurationError where it may not and nobody else is named."""
    if settings.get("MICROSOFT_CLIENT_ID"):
        return False
    if settings.get("FLOVIFY_ENV") == "production" or not allowed:
        why = "in production" if allowed else "without the sandbox"
        raise ConfigurationError(
            f"MICROSOFT_CLIENT_ID is required {why}: register an application in Microsoft Entra and give its client id"
        )
    return True
