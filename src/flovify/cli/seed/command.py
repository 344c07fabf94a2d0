"""`flovify seed`: fill a development database."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable
from pathlib import Path

import typer

from flovify.common.errors import FlovifyError
from flovify.common.settings import SettingError


def seed(
    accounts: int = typer.Option(500, min=1, max=10_000, help="How many accounts."),
    messages: int = typer.Option(200_000, min=0, max=5_000_000, help="How many messages, over all accounts."),
    dead_letters: int = typer.Option(5_000, min=0, max=1_000_000, help="How many dead letters."),
    days: int = typer.Option(30, min=1, max=365, help="Over how many days they came."),
) -> None:
    """Add made-up accounts with messages, events and dead letters, to see the console full. For development only.

    FLOVIFY_ENV must be `development`. The database is that of a `flovify up` that runs (FLOVIFY_DATA_DIR), or the
    owner's DATABASE_URL. Each call adds; nothing that is there is changed. The accounts have no sign-in at Microsoft,
    so nothing can be fetched for them.
    """
    from flovify.cli.seed.fill import Wanted, fill  # noqa: PLC0415

    dsn = _dsn()
    begun = time.monotonic()
    asyncio.run(_reachable(fill(dsn, Wanted(accounts, messages, dead_letters, days), typer.echo)))
    typer.echo(f"done in {time.monotonic() - begun:.0f} s")


def _dsn() -> str:
    """The owner's connection. Raises SettingError."""
    from flovify.cli.up.environment import data_dir_of, read_settings  # noqa: PLC0415
    from flovify.cli.up.errors import ConfigurationError  # noqa: PLC0415
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415

    try:
        settings = read_settings(os.environ, Path.cwd())
        if settings.get("FLOVIFY_ENV") != "development":
            raise SettingError(
                "FLOVIFY_ENV must be set to development: this adds made-up accounts, and nothing takes them out again"
            )
        dsn = settings.get("DATABASE_URL") or database_url(data_dir_of(settings), "flovify_owner")
    except ConfigurationError as error:
        raise SettingError(str(error)) from None
    if not dsn:
        raise SettingError("give FLOVIFY_DATA_DIR of a `flovify up` that runs, or the owner's DATABASE_URL")
    return dsn


async def _reachable(work: Awaitable[None]) -> None:
    """Await `work`; a database that is away or refuses becomes one line."""
    import asyncpg  # noqa: PLC0415

    try:
        await work
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise FlovifyError(
            f"the database cannot be used ({type(error).__name__}: {error}); is it running and migrated, and is "
            "DATABASE_URL the owner's?",
            code="database_unavailable",
        ) from None
