"""`flovify openapi auth|api`: what a service offers, as an OpenAPI document. Needs no database and no setting."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import typer

app = typer.Typer(
    help="Print a service's OpenAPI document; no database and no setting is needed.", no_args_is_help=True
)

# Never used for anything: the settings ask for this form, base64 of 32 bytes included.
_FORM_ONLY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
_SETTINGS = {
    "DATABASE_URL": "postgresql://nobody@localhost/none",
    "MS365_WEBHOOK_URL": "http://localhost/webhook",
    "MICROSOFT_CLIENT_ID": "none",
    "MICROSOFT_CLIENT_SECRET": "none",
    **dict.fromkeys(("SERVICE_SECRET", "MS365_CLIENT_STATE", "OAUTH_ENCRYPTION_KEY"), _FORM_ONLY),
}


@app.command()
def auth() -> None:
    """Users, sessions, connected accounts, app registrations. The console's typed client is generated from it."""
    _print(_auth_document())


@app.command()
def api() -> None:
    """Subscriptions, messages, events, dead letters. The console's typed client is generated from it."""
    _print(asyncio.run(_api_document()))


class _Undone:
    """Stands where a service would be. A description needs the routes only; nothing behind them is ever called."""

    def __init__(self, **known: Any) -> None:
        vars(self).update(known)

    def __getattr__(self, name: str) -> _Undone:
        return _Undone()


def _auth_document() -> dict[str, Any]:
    from flovify.auth.app import create_app  # noqa: PLC0415 (help is instant)
    from flovify.auth.deps import AuthDeps  # noqa: PLC0415
    from flovify.auth.settings import AuthSettings  # noqa: PLC0415
    from flovify.common.settings import load  # noqa: PLC0415

    deps = _Undone(settings=load(AuthSettings, _SETTINGS))
    return create_app(cast("AuthDeps", deps)).openapi()


async def _api_document() -> dict[str, Any]:
    import asyncpg  # noqa: PLC0415

    from flovify.api.app import admin_app  # noqa: PLC0415
    from flovify.api.core import open_sessions  # noqa: PLC0415
    from flovify.api.deps import wire  # noqa: PLC0415
    from flovify.api.settings import ApiSettings  # noqa: PLC0415
    from flovify.common.clock import SystemClock  # noqa: PLC0415
    from flovify.common.settings import load  # noqa: PLC0415

    settings = load(ApiSettings, _SETTINGS)
    sessions = open_sessions(settings)
    try:
        # The pool is never opened, so nothing is connected to.
        pool = asyncpg.create_pool(_SETTINGS["DATABASE_URL"])
        return admin_app(wire(settings, pool, sessions, SystemClock())).openapi()
    finally:
        await sessions.close()


def _print(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
