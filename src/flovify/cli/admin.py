"""`flovify admin create-user`: people who may sign in."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import typer

from flovify.common.roles import ROLES
from flovify.common.settings import SettingError

app = typer.Typer(help="Manage the people who may sign in.", no_args_is_help=True)


@app.callback()
def _admin() -> None:
    """Keep `create-user` a subcommand although it is the only one so far."""


@app.command("create-user")
def create_user(
    email: str = typer.Argument(help="The address to sign in with."),
    role: str = typer.Option("administrator", help=f"One of: {', '.join(ROLES)}."),
    password_stdin: bool = typer.Option(False, "--password-stdin", help="Read the password from standard input."),
) -> None:
    """Create a user. The password is asked for, or read from standard input; it is never an argument.

    Beside `flovify up` nothing has to be set: its database is found by FLOVIFY_DATA_DIR (default .flovify). Otherwise
    DATABASE_URL names the database with the role flovify_auth.
    """
    from flovify.auth.users.service import create_user as create  # noqa: PLC0415
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415
    from flovify.common.db import create_pool  # noqa: PLC0415

    data_dir = Path(os.environ.get("FLOVIFY_DATA_DIR") or ".flovify")
    dsn = os.environ.get("DATABASE_URL") or database_url(data_dir, "flovify_auth")
    if not dsn:
        raise SettingError("DATABASE_URL is required, or FLOVIFY_DATA_DIR of a `flovify up`; give the auth role's")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask()

    async def body() -> None:
        pool = await create_pool(dsn, application_name="flovify-admin", max_size=1)
        try:
            await create(pool, email, password, role)
        finally:
            await pool.close()

    asyncio.run(body())
    typer.echo(f"created {email} as {role}")


def _ask() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
