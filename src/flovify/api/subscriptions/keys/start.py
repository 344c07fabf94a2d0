"""No process starts without a key that a subscription needs: it would drop genuine notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flovify.api.subscriptions.keys.models import Keyring, KeyState, KeyUse
from flovify.api.subscriptions.keys.store import KeyStore
from flovify.common.db import Pool
from flovify.common.settings import SettingError


async def require_keys(pool: Pool, keys: Sequence[str], now: datetime) -> None:
    """Raises SettingError, with the way out, when a key that a row is under is not among `keys`.

    Rows whose key is not known are not looked at.
    """
    uses = Keyring(keys).uses(await KeyStore(pool).counts(now))
    missing = [use for use in uses if use.state is KeyState.MISSING]
    if missing:
        raise SettingError(_refusal(missing))


def _refusal(missing: Sequence[KeyUse]) -> str:
    total = sum(use.subscriptions for use in missing)
    names = ", ".join(str(use.id) for use in missing)
    commands = "; ".join(f"flovify subscriptions abandon-key {use.id}" for use in missing)
    return (
        f"MS365_CLIENT_STATE lacks a key that {total} subscription{'s need' if total > 1 else ' needs'} (id {names}); "
        "put that value back behind the new one, separated by a comma, until `flovify subscriptions keys` shows that "
        f"nothing needs it; if it is lost, have them made anew: {commands}"
    )
