"""`flovify admin`: people who may sign in, and the vault's keys."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import typer

from flovify.common.roles import ROLES
from flovify.common.settings import SettingError

app = typer.Typer(help="Manage the people who may sign in, and the vault's keys.", no_args_is_help=True)


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


@app.command("rewrap-keys")
def rewrap_keys() -> None:
    """Wrap every data key with OAUTH_ENCRYPTION_KEY, so that OAUTH_ENCRYPTION_OLD_KEYS can be dropped.

    The last step of a change of that key: first every auth process must run with the new key and the old ones. Tokens
    and secrets stay as they are; breaking off and repeating do no harm. Settings are found as by `flovify apps`.
    """
    from flovify.cli.auth_database import find_place, open_vault  # noqa: PLC0415

    place = find_place(os.environ, Path.cwd())

    async def body() -> int:
        async with open_vault(place) as vault:
            return await vault.rewrap()

    count = asyncio.run(body())
    typer.echo(f"{count} data keys wrapped anew; OAUTH_ENCRYPTION_OLD_KEYS can be dropped everywhere now")


def _ask() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
