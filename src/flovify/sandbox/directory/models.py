"""People, applications, consent and tokens, as the directory keeps them."""

from __future__ import annotations

from datetime import datetime

import msgspec


class User(msgspec.Struct, frozen=True):
    """A mailbox owner. `id` is the object id (`oid`), `tenant_id` the organisation's (`tid`)."""

    id: str
    tenant_id: str
    address: str
    display_name: str


class App(msgspec.Struct):
    """An application registration. The secret is kept as a SHA-256 in hex."""

    client_id: str
    secret_sha256: str
    display_name: str
    redirect_uris: list[str]


class Grant(msgspec.Struct):
    """What a user has consented to for an application. A later revocation ends all refresh tokens issued before it."""

    client_id: str
    user_id: str
    scopes: list[str]
    revoked_at: datetime | None = None


class AccessToken(msgspec.Struct):
    """A token for Graph. `user_id` is None for an application acting as itself; then `roles` counts, else `scopes`."""

    token: str
    client_id: str
    user_id: str | None
    tenant_id: str
    scopes: list[str]
    roles: list[str]
    expires_at: datetime
    issued_at: datetime


class RefreshToken(msgspec.Struct):
    """Kept by the token's SHA-256. `replaced` is set by a refresh; in strict rotation that ends it."""

    token_sha256: str
    client_id: str
    user_id: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    family: str
    replaced: bool = False


class Code(msgspec.Struct):
    """An authorization code with everything its redemption is checked against."""

    code: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    used: bool = False


class Policy(msgspec.Struct):
    """Behaviour that a test may change. `refresh_rotation`: Entra's own way is lenient (the old token stays valid)."""

    refresh_rotation: str = "lenient"
