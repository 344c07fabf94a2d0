"""A PostgreSQL of the user's: the service roles made in it, or one line that says what its owner has to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import asyncpg

from flovify.cli.up import roles
from flovify.cli.up.errors import ConfigurationError, UpError
from flovify.cli.up.secrets import Secrets

OLDEST_POSTGRES = 15
_VARIABLES = {"flovify_auth": "AUTH_DATABASE_URL", "flovify_api": "API_DATABASE_URL"}
_SECRET_NAMES = {"flovify_auth": "POSTGRES_PASSWORD_AUTH", "flovify_api": "POSTGRES_PASSWORD_API"}


@dataclass(frozen=True, repr=False)
class Connections:
    """The URLs of the owner, who migrates, and of the two services."""

    owner: str
    auth: str
    api: str


async def prepare_user_database(url: str, settings: Mapping[str, str], secrets: Secrets) -> Connections:
    """Checks DATABASE_URL and gives each service a role of its own in that database.

    With AUTH_DATABASE_URL and API_DATABASE_URL set the roles are the user's business. Otherwise they are created with
    generated passwords, which needs CREATEROLE. A role that can already sign in with another password is left alone:
    it may belong to another installation on the same server. Raises ConfigurationError or UpError, both one line.
    """
    owner = await _connect(url, "DATABASE_URL")
    try:
        await _check_version(owner)
        given = {role: settings.get(name) for role, name in _VARIABLES.items()}
        missing = [role for role, value in given.items() if not value]
        passwords = {role: secrets[_SECRET_NAMES[role]] for role in missing}
        urls = {role: given[role] or with_user(url, role, passwords[role]) for role in _VARIABLES}
        for role in missing:
            await _provide(owner, role, passwords[role], urls[role])
    finally:
        await owner.close()
    return Connections(url, urls["flovify_auth"], urls["flovify_api"])


def with_user(url: str, user: str, password: str) -> str:
    """``url`` with another user and password; everything else, TLS options included, stays."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ConfigurationError("DATABASE_URL must look like postgresql://owner:password@host:5432/flovify")
    host = parts.netloc.rsplit("@", 1)[-1]
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}").geturl()


async def _connect(url: str, name: str) -> asyncpg.Connection[asyncpg.Record]:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (ValueError, asyncpg.InterfaceError):
        raise ConfigurationError(f"{name} must look like postgresql://owner:password@host:5432/flovify") from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise ConfigurationError(f"{name}: the server refuses ({error})") from None
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise UpError(f"{name}: no connection ({type(error).__name__}): is the server running and reachable?") from None


async def _check_version(owner: asyncpg.Connection[asyncpg.Record]) -> None:
    major = owner.get_server_version().major
    if major < OLDEST_POSTGRES:
        raise ConfigurationError(
            f"DATABASE_URL is a PostgreSQL {major}: Flovify needs {OLDEST_POSTGRES} or newer; "
            "leave DATABASE_URL unset to use the built-in one"
        )


async def _provide(owner: asyncpg.Connection[asyncpg.Record], role: str, password: str, url: str) -> None:
    can_login = await owner.fetchval("select rolcanlogin from pg_roles where rolname = $1", role)
    if can_login:
        await _check_password(role, url)
        return
    try:
        await make_roles(owner, {role: password})
    except asyncpg.InsufficientPrivilegeError:
        raise ConfigurationError(
            f"the role of DATABASE_URL may not create roles: have an administrator run "
            f"`CREATE ROLE {role} LOGIN PASSWORD '…';` (or give that role CREATEROLE), "
            f"and set {_VARIABLES[role]} to its URL"
        ) from None


async def make_roles(owner: asyncpg.Connection[asyncpg.Record], passwords: Mapping[str, str]) -> None:
    """Let these roles exist, sign in with these passwords and connect to the owner's database; safe to repeat.

    What is sent are verifiers: no statement, log or activity view holds a password. Raises InsufficientPrivilegeError.
    """
    await owner.execute(roles.role_statements(passwords, superuser=False))
    database = str(await owner.fetchval("select current_database()")).replace('"', '""')
    await owner.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {", ".join(passwords)}')


async def _check_password(role: str, url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except asyncpg.PostgresError:
        raise ConfigurationError(
            f"the role {role} exists with a password of somebody else's: set {_VARIABLES[role]} to its URL, "
            f"or run `ALTER ROLE {role} NOLOGIN;` if no other installation uses it and it may get a new password"
        ) from None
    await connection.close()
