"""`flovify migrate plan|apply|status`: the database's schemas."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable
from dataclasses import asdict
from typing import TypeVar

import typer

from flovify.common.errors import FlovifyError
from flovify.common.migrations import MigrationFile, MigrationState
from flovify.common.secret_files import SecretFileError, with_secret_files
from flovify.common.settings import SettingError

T = TypeVar("T")

app = typer.Typer(
    help="Bring the database up to date. DATABASE_URL must name the owner of the schemas.", no_args_is_help=True
)
_URLS = ("DATABASE_URL", "AUTH_DATABASE_URL", "API_DATABASE_URL")
_JSON = typer.Option(False, "--json", help="Print JSON for programs.")


@app.command()
def plan(as_json: bool = _JSON) -> None:
    """Show which files `apply` would run, and change nothing."""
    from flovify.common import migrations  # noqa: PLC0415

    files = asyncio.run(_reachable(migrations.plan(_dsn())))
    _print_files(files, as_json, nothing="nothing to do: the database is up to date")


@app.command()
def apply(
    roles: bool = typer.Option(
        False, "--roles", help="First make the services' roles as AUTH_DATABASE_URL and API_DATABASE_URL name them."
    ),
    as_json: bool = _JSON,
) -> None:
    """Run what is pending. Safe to repeat, and safe from several places at once."""
    from flovify.cli import service_roles  # noqa: PLC0415
    from flovify.common import migrations  # noqa: PLC0415

    dsn = _dsn()
    if roles:
        wanted = service_roles.passwords(_environment())
        asyncio.run(_reachable(service_roles.make(dsn, wanted)))
    files = asyncio.run(_reachable(migrations.apply(dsn)))
    _print_files(files, as_json, nothing="nothing to do: the database was up to date")


@app.command()
def status(as_json: bool = _JSON) -> None:
    """Show every file and whether it is applied, pending or altered since."""
    from flovify.common import migrations  # noqa: PLC0415

    states = asyncio.run(_reachable(migrations.status(_dsn())))
    if as_json:
        typer.echo(json.dumps([_state_row(state) for state in states], indent=2))
        return
    for state in states:
        file = state.file
        typer.echo(f"{state.state:8}  {file.schema:5} {file.version:7} {file.name}  {state.applied_at or ''}".rstrip())


def _environment() -> dict[str, str]:
    """With what is given by file. Raises SettingError."""
    try:
        return with_secret_files(os.environ, _URLS)
    except SecretFileError as error:
        raise SettingError(str(error)) from None


def _dsn() -> str:
    dsn = _environment().get("DATABASE_URL", "")
    if not dsn:
        raise SettingError(
            "DATABASE_URL is required; give the database owner's, for example postgresql://owner@host/flovify "
            "(`flovify up` migrates its own database by itself)"
        )
    return dsn


async def _reachable(work: Awaitable[T]) -> T:
    """Await `work`; a database that is away becomes one line for the operator."""
    import asyncpg  # noqa: PLC0415

    try:
        return await work
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise FlovifyError(
            f"the database cannot be used ({type(error).__name__}); check that it runs and that DATABASE_URL is right",
            code="database_unavailable",
        ) from None


def _print_files(files: list[MigrationFile], as_json: bool, nothing: str) -> None:
    if as_json:
        typer.echo(json.dumps([{"schema": f.schema, "file": f.name, "version": f.version} for f in files], indent=2))
    elif not files:
        typer.echo(nothing)
    else:
        for file in files:
            typer.echo(f"{file.schema:5} {file.version:7} {file.name}")


def _state_row(state: MigrationState) -> dict[str, object]:
    row = asdict(state.file)
    row.pop("sql")
    return {**row, "state": state.state, "applied_at": state.applied_at}
