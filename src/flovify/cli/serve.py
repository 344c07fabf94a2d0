"""`flovify serve auth|api|bff`: one service in the foreground, configured by its environment."""

from __future__ import annotations

import typer

from flovify.cli import run_service

app = typer.Typer(help="Run one service in the foreground. Settings come from the environment.", no_args_is_help=True)


@app.command()
def auth() -> None:
    """Users, sign-in, connected accounts and their encrypted tokens (ports 8001 and, internal, 8011)."""
    from flovify.auth.main import run  # noqa: PLC0415
    from flovify.auth.settings import AuthSettings  # noqa: PLC0415

    run_service("auth", AuthSettings, run)


@app.command()
def api() -> None:
    """Webhook intake, subscriptions, messages and dead letters (ports 8002 and, internal, 8012)."""
    from flovify.api.main import run  # noqa: PLC0415
    from flovify.api.settings import ApiSettings  # noqa: PLC0415

    run_service("api", ApiSettings, run)


@app.command()
def bff() -> None:
    """The front door for browsers: session cookie, CSRF, proxy (port 8000)."""
    from flovify.bff.main import run  # noqa: PLC0415
    from flovify.bff.settings import BffSettings  # noqa: PLC0415

    run_service("bff", BffSettings, run)
