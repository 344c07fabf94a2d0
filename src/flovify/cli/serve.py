"""`flovify serve auth|api|bff`: one service in the foreground, configured by its environment."""

from __future__ import annotations

import typer

from flovify.cli.services import SERVICES

app = typer.Typer(help="Run one service in the foreground. Settings come from the environment.", no_args_is_help=True)


@app.command()
def auth() -> None:
    """Users, sign-in, connected accounts and their encrypted tokens (ports 8001 and, internal, 8011)."""
    SERVICES["auth"].run()


@app.command()
def api() -> None:
    """Webhook intake, subscriptions, messages and dead letters (ports 8002 and, internal, 8012)."""
    SERVICES["api"].run()


@app.command()
def bff() -> None:
    """The front door for browsers: session cookie, CSRF, proxy (port 8000)."""
    SERVICES["bff"].run()


def worker() -> None:
    """Fetch announced messages and store them; renew subscriptions (port 8003: health and metrics).

    Start as many as you like: a mailbox is held by one worker at a time.
    """
    SERVICES["worker"].run()


def sandbox() -> None:
    """Run a stand-in for Entra ID and Graph mail, for trying and testing. Never in production.

    HTTP on 8365, HTTPS on 8366, a CONNECT proxy for Microsoft's host names on 8367, SMTP on 8325.
    """
    SERVICES["sandbox"].run()
