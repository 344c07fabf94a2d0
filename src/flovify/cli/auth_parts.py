"""auth's parts for the commands beside it: how its settings are found, and one opening for all of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flovify.common.settings import SettingError, load

if TYPE_CHECKING:
    from flovify.auth.settings import AuthDatabaseSettings

S = TypeVar("S", bound="AuthDatabaseSettings")
T = TypeVar("T")
Opened = TypeVar("Opened")
Opener = Callable[[S, AsyncExitStack, str, int], Awaitable[Opened]]
NAME, POOL_SIZE = "flovify-cli", 4
_KEYS = ("OAUTH_ENCRYPTION_KEY", "AUDIT_KEY")


def auth_settings(kind: type[S]) -> S:
    """What a command needs of auth's settings: the environment's and `.env`'s, or those of a `flovify up`.

    They are the environment's own where it names the database and, if `kind` has one, the key: the vault's, or the
    audit log's where it has only that; AUTH_DATABASE_URL goes before DATABASE_URL. Otherwise FLOVIFY_DATA_DIR names the
    installation. Raises SettingError, naming what is missing.
    """
    from flovify.cli.up.environment import read_settings  # noqa: PLC0415
    from flovify.cli.up.errors import ConfigurationError  # noqa: PLC0415

    try:
        given = read_settings(os.environ, Path.cwd())
        dsn = given.get("AUTH_DATABASE_URL") or given.get("DATABASE_URL")
        key = next((name for name in _KEYS if name.lower() in kind.model_fields), None)
        if dsn and (key is None or given.get(key)):
            return load(kind, {**given, "DATABASE_URL": dsn})
        return load(kind, _of_installation(given, dsn, key or _KEYS[0]))
    except ConfigurationError as error:
        raise SettingError(str(error)) from None


def run_with(kind: type[S], opener: Opener[S, Opened], work: Callable[[Opened], Awaitable[T]]) -> T:
    """Open what `opener` opens with the settings found, do the work, and close. Raises as the three of them."""
    settings = auth_settings(kind)

    async def whole() -> T:
        from flovify.common.logs import configure  # noqa: PLC0415

        configure("cli", "error")  # what there is to say is printed; the log is for what went wrong
        async with AsyncExitStack() as stack:
            return await work(await opener(settings, stack, NAME, POOL_SIZE))

    return asyncio.run(whole())


def _of_installation(given: Mapping[str, str], dsn: str | None, key: str) -> Mapping[str, str]:
    """Only read: a command that looks must not make secrets."""
    from flovify.cli.up.database import Connections  # noqa: PLC0415
    from flovify.cli.up.environment import data_dir_of, ports  # noqa: PLC0415
    from flovify.cli.up.plan import Plan, wants_sandbox  # noqa: PLC0415
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415
    from flovify.cli.up.secrets import FILE_NAME  # noqa: PLC0415
    from flovify.cli.up.secrets import load as load_secrets  # noqa: PLC0415

    data_dir = data_dir_of(given)
    dsn = dsn or database_url(data_dir, "flovify_auth")
    if not dsn:
        raise SettingError("DATABASE_URL is required, or FLOVIFY_DATA_DIR of a `flovify up`; give the auth role's")
    if not (data_dir / FILE_NAME).exists():
        raise SettingError(f"{key} is required, or FLOVIFY_DATA_DIR of a `flovify up`; give auth's")
    plan = Plan(
        settings=given,
        data_dir=data_dir,
        ports=ports(given),
        sandbox=wants_sandbox(given, allowed=True),
        secrets=load_secrets(data_dir).with_environment(given),
    )
    return plan.environment("auth", Connections(dsn, dsn, dsn))
