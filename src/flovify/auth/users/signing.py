"""The keys that sign access tokens (EdDSA, RFC 8037). Only auth can sign; everybody can verify by the JWKS."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from flovify.auth.users.models import Session
from flovify.auth.users.store import UserStore
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.service import INSTALLATION, Vault
from flovify.common.clock import Clock
from flovify.common.jwt import ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE

ACCESS_SECONDS = 15 * 60


@dataclass(frozen=True)
class _Key:
    id: str
    public: str
    private: Ed25519PrivateKey


class TokenSigner:
    """Loaded once at start; the first process to start makes the key."""

    def __init__(self, keys: list[_Key], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    @classmethod
    async def load(cls, store: UserStore, vault: Vault, clock: Clock) -> TokenSigner:
        """Read the keys, or make the first one. Raises VaultTampered when one cannot be opened."""
        if not await store.signing_keys():
            await _make_first_key(store, vault)
        keys = []
        for row in await store.signing_keys():
            sealed = await vault.open(row["sealed_private_key"], _place(row["key_id"]))
            raw = base64.b64decode(sealed.reveal())
            keys.append(_Key(row["key_id"], row["public_key"], Ed25519PrivateKey.from_private_bytes(raw)))
        return cls(keys, clock)

    def access_token(self, session: Session) -> tuple[str, int]:
        """A token for the holder of a session, and for how many seconds it is good: fifteen minutes, or till the end of
        the session.
        """
        now = int(self._clock.now().timestamp())
        ends = min(now + ACCESS_SECONDS, int(session.expires_at.timestamp()))
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(session.user.id),
            "email": session.user.email,
            "role": session.user.role,
            "sid": str(session.id),
            "iat": now,
            "exp": ends,
        }
        key = self._keys[-1]
        return jwt.encode(claims, key.private, ALGORITHM, {"kid": key.id, "typ": TOKEN_TYPE}), ends - now

    async def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        entries = [
            {"kty": "OKP", "crv": "Ed25519", "x": key.public, "kid": key.id, "alg": ALGORITHM, "use": "sig"}
            for key in self._keys
        ]
        return {"keys": entries}


async def _make_first_key(store: UserStore, vault: Vault) -> None:
    private = Ed25519PrivateKey.generate()
    key_id = secrets.token_hex(8)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    sealed = await vault.seal(base64.b64encode(raw).decode(), _place(key_id))
    async with store.transaction() as connection:
        # Several processes may start at once on an empty database: only the first one's key is kept.
        await store.lock_signing_keys(connection)
        if not await store.signing_keys(connection):
            published = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
            await store.add_signing_key(key_id, published, sealed, connection)


def _place(key_id: str) -> Place:
    return Place(INSTALLATION, f"signing_key/{key_id}")
