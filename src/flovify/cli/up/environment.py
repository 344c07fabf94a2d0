"""The settings `flovify up` reads: environment, `.env` of the working directory, and the ports that follow."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from flovify.cli.services import SERVICES
from flovify.cli.up.errors import ConfigurationError
from flovify.common.secret_files import SecretFileError, secret_variables, with_secret_files

DEFAULT_PORTS: Mapping[str, int] = {
    "FLOVIFY_PORT": 8000,
    "FLOVIFY_AUTH_PORT": 8001,
    "FLOVIFY_AUTH_INTERNAL_PORT": 8011,
    "FLOVIFY_API_PORT": 8002,
    "FLOVIFY_API_INTERNAL_PORT": 8012,
    "FLOVIFY_WORKER_PORT": 8003,
    "FLOVIFY_BFF_INTERNAL_PORT": 8010,
    "FLOVIFY_SANDBOX_PORT": 8365,
    "FLOVIFY_SANDBOX_TLS_PORT": 8366,
    "FLOVIFY_SANDBOX_PROXY_PORT": 8367,
    "FLOVIFY_SANDBOX_SMTP_PORT": 8325,
}
_SECRET_WORDS = ("SECRET", "PASSWORD", "KEY", "DATABASE_URL", "ALERT_SMTP_URL", "ALERT_WEBHOOK_URL")


@dataclass(frozen=True, eq=False, repr=False)
class Settings(Mapping[str, str]):
    """What the user set: the values by variable, and which of them stand in `.env`."""

    given: Mapping[str, str]
    from_file: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


def data_dir_of(settings: Mapping[str, str], directory: Path | None = None) -> Path:
    """FLOVIFY_DATA_DIR, as seen from ``directory`` (the working directory); nothing is made."""
    return ((directory or Path.cwd()) / settings.get("FLOVIFY_DATA_DIR", ".flovify")).resolve()


def read_settings(environ: Mapping[str, str], directory: Path) -> Settings:
    """The environment and what `.env` in ``directory`` adds; the environment wins, an empty value counts as unset.

    A secret may be given by file (`SERVICE_SECRET_FILE`). Raises ConfigurationError for a file that cannot be used.
    """
    file = directory / ".env"
    try:
        found = dotenv_values(file, interpolate=False) if file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from None
    written = {name: value for name, value in found.items() if value}
    given = {name: value for name, value in environ.items() if value}
    try:
        values = with_secret_files(written | given, _secrets())
    except SecretFileError as error:
        raise ConfigurationError(str(error)) from None
    return Settings(values, frozenset(written.keys() - given.keys()))


def _secrets() -> frozenset[str]:
    """What may be given by file: the secrets of all services, and the databases of single ones."""
    of_services = (secret_variables(one.settings_class().model_fields) for one in SERVICES.values())
    return frozenset({"AUTH_DATABASE_URL", "API_DATABASE_URL"}).union(*of_services)


def env_file_warning(directory: Path) -> str | None:
    """A line for the operator when `.env` holds secrets that other accounts of this machine can read."""
    file = directory / ".env"
    if not file.is_file() or not stat.S_IMODE(file.stat().st_mode) & 0o044:
        return None
    names = [name for name in dotenv_values(file, interpolate=False) if any(word in name for word in _SECRET_WORDS)]
    return f"{file} holds {', '.join(names)} and can be read by others: run `chmod 600 {file}`" if names else None


def ports(settings: Mapping[str, str]) -> dict[str, int]:
    """Every port by its variable. FLOVIFY_PORT moves all others that are not set by the same distance.

    Raises ConfigurationError for what is no port, and when two variables name the same one.
    """
    shift = _port(settings, "FLOVIFY_PORT", 8000) - 8000
    chosen: dict[str, int] = {}
    for name, default in DEFAULT_PORTS.items():
        chosen[name] = _port(settings, name, default + shift)
        same = [other for other, port in chosen.items() if port == chosen[name] and other != name]
        if same:
            raise ConfigurationError(f"{name} and {same[0]} are both {chosen[name]}: give each a port of its own")
    return chosen


def _port(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name, str(default))
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    if name in settings:
        raise ConfigurationError(f"{name} must be a port between 1 and 65535")
    raise ConfigurationError(
        f"{name} would be {text} because it keeps its distance to FLOVIFY_PORT: set {name} yourself, "
        "or choose a FLOVIFY_PORT below 65000"
    )
