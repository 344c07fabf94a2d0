"""The api's tables for the commands beside it: how their settings are found, and one opening for all of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flovify.common.settings import SettingError, load

if TYPE_CHECKING:
    from flovify.api.settings import ApiDatabaseSettings
    from flovify.common.db import Pool

S = TypeVar("S", bound="ApiDatabaseSettings")
T = TypeVar("T")
_KEYS = ("MS365_CLIENT_STATE", "AUDIT_KEY")


def api_settings(kind: type[S]) -> S:
    """What a command needs of the api's settings: the environment's and `.env`'s, or those of a `flovify up`.

    API_DATABASE_URL goes before DATABASE_URL; what neither names is looked for in FLOVIFY_DATA_DIR (default .flovify).
    Raises SettingError, naming what is missing.
    """
    from flovify.cli.up.environment import read_settings  # noqa: PLC0415
    from flovify.cli.up.errors import ConfigurationError  # noqa: PLC0415

    try:
        given = read_settings(os.environ, Path.cwd())
        wanted = {"DATABASE_URL": given.get("API_DATABASE_URL") or given.get("DATABASE_URL", "")}
        wanted |= {name: given.get(name, "") for name in _KEYS if name.lower() in kind.model_fields}
        return load(kind, {**given, **(wanted if all(wanted.values()) else _completed(wanted, given))})
    except ConfigurationError as error:
        raise SettingError(str(error)) from None


def run_with_pool(settings: ApiDatabaseSettings, work: Callable[[Pool], Awaitable[T]]) -> T:
    """Connect, do the work, and close. Raises Unavailable, SchemaPending, SchemaTooNew and what `work` raises."""

    async def whole() -> T:
        from flovify.common.logs import configure  # noqa: PLC0415

        configure("cli", "error")  # what there is to say is printed; the log is for what went wrong
        pool = await _connected(settings.database_url.get_secret_value())
        try:
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(whole())


async def _connected(dsn: str) -> Pool:
    from flovify.common.db import AWAY, create_pool  # noqa: PLC0415
    from flovify.common.errors import Unavailable  # noqa: PLC0415
    from flovify.common.migrations import SCHEMAS, require_current  # noqa: PLC0415

    try:
        pool = await create_pool(dsn, application_name="flovify-cli", max_size=2)
    except AWAY as error:
        raise Unavailable(
            f"the database cannot be reached ({type(error).__name__}); is it running, for instance by `flovify up`?"
        ) from None
    try:
        await require_current(pool, next(schema for schema in SCHEMAS if schema.name == "api"))
    except BaseException:
        await pool.close()
        raise
    return pool


def _completed(wanted: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Only read: a command that looks must not make secrets."""
    from flovify.cli.up.environment import data_dir_of  # noqa: PLC0415
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415
    from flovify.cli.up.secrets import FILE_NAME  # noqa: PLC0415
    from flovify.cli.up.secrets import load as load_secrets  # noqa: PLC0415

    data_dir = data_dir_of(given)
    made = load_secrets(data_dir) if (data_dir / FILE_NAME).exists() else None
    found = {
        "DATABASE_URL": wanted["DATABASE_URL"] or (database_url(data_dir, "flovify_api") if made else ""),
        **{name: wanted.get(name) or (made[name] if made else "") for name in _KEYS},
    }
    for name in wanted:
        if not found[name]:
            raise SettingError(f"{name} is required, or FLOVIFY_DATA_DIR of a `flovify up`; give the api's")
    return {name: found[name] or "" for name in wanted}
