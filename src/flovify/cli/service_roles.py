"""The services' roles in a PostgreSQL of one's own, as their URLs name them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import asyncpg

from flovify.cli.up.database import make_roles
from flovify.common.settings import SettingError

# The migrations give rights to these names.
VARIABLES = {"AUTH_DATABASE_URL": "flovify_auth", "API_DATABASE_URL": "flovify_api"}


def passwords(environ: Mapping[str, str]) -> dict[str, str]:
    """Role to password. Raises SettingError, naming the variable, for a URL that is missing or of another role."""
    return {role: _password(variable, role, environ.get(variable, "")) for variable, role in VARIABLES.items()}


async def make(owner_url: str, wanted: Mapping[str, str]) -> None:
    """Let each role exist and sign in with its password. Safe to repeat; another password replaces the one there was.

    Raises SettingError where the owner may not make roles.
    """
    owner = await asyncpg.connect(owner_url, timeout=10)
    try:
        await make_roles(owner, wanted)
    except asyncpg.InsufficientPrivilegeError:
        names = " and ".join(wanted)
        raise SettingError(
            f"the role of DATABASE_URL may not make roles: give it CREATEROLE, or have an administrator make {names} "
            "and leave --roles out"
        ) from None
    finally:
        await owner.close()


def _password(variable: str, role: str, url: str) -> str:
    shape = f"postgresql://{role}:password@host/flovify"
    parts = urlsplit(url)
    if unquote(parts.username or "") != role:
        raise SettingError(f"{variable} is required with --roles and names the role {role}: {shape}")
    password = unquote(parts.password or "")
    if len(password) < 16 or not password.isascii() or not password.isprintable():
        raise SettingError(f"{variable} needs a password of at least 16 printable ASCII characters: {shape}")
    return password
