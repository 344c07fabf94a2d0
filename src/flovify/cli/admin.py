"""`flovify admin`: people who may sign in, and the vault's keys."""

from __future__ import annotations

import typer

from flovify.cli import keys, people
from flovify.cli.auth_parts import auth_settings, run_with
from flovify.common.roles import ROLES

app = typer.Typer(help="Manage the people who may sign in, and the vault's keys.", no_args_is_help=True)
app.add_typer(people.app)
app.add_typer(keys.app)


@app.command("create-user")
def create_user(
    email: str = typer.Argument(help="The address to sign in with."),
    role: str = typer.Option("administrator", help=f"One of: {', '.join(ROLES)}."),
    password_stdin: bool = people.PASSWORD_STDIN,
) -> None:
    """Create a user. The password is asked for, or read from standard input; it is never an argument.

    Beside `flovify up` nothing has to be set: its database is found by FLOVIFY_DATA_DIR (default .flovify). Otherwise
    DATABASE_URL, here or in `.env`, names the database with the role flovify_auth.
    """
    from flovify.auth.parts import open_pool  # noqa: PLC0415
    from flovify.auth.settings import AuthDatabaseSettings  # noqa: PLC0415
    from flovify.auth.users.service import create_user as create  # noqa: PLC0415

    auth_settings(AuthDatabaseSettings)  # what is missing is said before a password is asked for
    password = people.ask_password(from_stdin=password_stdin)
    run_with(AuthDatabaseSettings, open_pool, lambda pool: create(pool, email, password, role))
    typer.echo(f"created {email} as {role}")
