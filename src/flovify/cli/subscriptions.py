"""`flovify subscriptions`: the keys of MS365_CLIENT_STATE, while one is being replaced and when one is lost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import typer

from flovify.cli.api_parts import api_settings, run_with_pool
from flovify.common.clock import SystemClock
from flovify.common.errors import InvalidRequest

if TYPE_CHECKING:
    from flovify.api.subscriptions.keys.models import KeyUse

app = typer.Typer(help="Subscriptions at Microsoft: which keys of MS365_CLIENT_STATE they need.", no_args_is_help=True)
_JSON = typer.Option(False, "--json", help="Print JSON for programs.")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@app.callback()
def _subscriptions() -> None:
    """Beside `flovify up` nothing has to be set: database and keys are found by FLOVIFY_DATA_DIR (default .flovify).

    Otherwise DATABASE_URL, here or in `.env`, names the database with the role flovify_api, and MS365_CLIENT_STATE is
    the api's.
    """


@app.command()
def keys(as_json: bool = _JSON) -> None:
    """Say how many subscriptions need each key: first, accepted (being replaced), missing, or not known yet.

    A key that is being replaced can be dropped when no subscription needs it and none is unknown. Keys are told apart
    by an id that is made from them and is no secret.
    """
    from flovify.api.settings import ApiKeySettings  # noqa: PLC0415
    from flovify.api.subscriptions.keys.models import Keyring  # noqa: PLC0415
    from flovify.api.subscriptions.keys.store import KeyStore  # noqa: PLC0415

    settings = api_settings(ApiKeySettings)
    counts = run_with_pool(settings, lambda pool: KeyStore(pool).counts(SystemClock().now()))
    _print_uses(Keyring(settings.client_state_keys).uses(counts), as_json=as_json)


@app.command("abandon-key")
def abandon_key(
    key_id: str = typer.Argument(help="The key's id, as `flovify subscriptions keys` and a refused start show it."),
    as_json: bool = _JSON,
) -> None:
    """Have every subscription under this key made anew, because the key is lost: services start without it again.

    What Microsoft announces until a subscription is made anew is not recognised. Where the key still exists, put it
    back behind the new one instead.
    """
    from flovify.api.settings import ApiDatabaseSettings  # noqa: PLC0415
    from flovify.api.subscriptions.keys.store import KeyStore  # noqa: PLC0415

    if not _KEY_ID.fullmatch(key_id):
        raise InvalidRequest("give the key's id of eight digits, as `flovify subscriptions keys` shows it")
    settings = api_settings(ApiDatabaseSettings)
    count = run_with_pool(settings, lambda pool: KeyStore(pool).abandon(key_id, SystemClock().now()))
    if as_json:
        typer.echo(json.dumps({"key": key_id, "subscriptions": count}, indent=2))
    elif not count:
        typer.echo(f"no subscription is under {key_id}: nothing was changed")
    else:
        typer.echo(f"{count} subscriptions under {key_id} will be made anew by the worker within minutes")


def _print_uses(uses: list[KeyUse], *, as_json: bool) -> None:
    if as_json:
        items = [{"key": use.id, "state": use.state, "subscriptions": use.subscriptions} for use in uses]
        typer.echo(json.dumps({"items": items}, indent=2))
        return
    typer.echo(f"{'key':<8}  {'state':<8}  subscriptions")
    for use in uses:
        typer.echo(f"{use.id or '-':<8}  {use.state:<8}  {use.subscriptions}")
