"""The one-time link with which the first administrator is made."""

from __future__ import annotations

import secrets

from flovify.auth.kept_hash import kept_hash
from flovify.auth.users.store import UserStore
from flovify.common.db import Pool

SETUP_SECONDS = 24 * 3600


async def create_setup_token(pool: Pool) -> str | None:
    """A new token, good for a day and one use; earlier ones end. None when somebody can sign in already."""
    store = UserStore(pool)
    if await store.has_users():
        return None
    token = secrets.token_urlsafe(24)
    await store.replace_setup_token(kept_hash(token), float(SETUP_SECONDS))
    return token
