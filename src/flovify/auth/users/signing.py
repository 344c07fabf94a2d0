"""Signs access tokens (EdDSA, RFC 8037). Only auth can sign; everybody can verify by the JWKS."""

from __future__ import annotations

import base64
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flovify.auth.users.models import Session, SigningKey
from flovify.auth.users.signing_keys import SigningKeys, signing_key_place
from flovify.auth.users.store import UserStore
from flovify.auth.vault.service import Vault
from flovify.common.clock import Clock
from flovify.common.db import AWAY
from flovify.common.jwt import ACCESS_SECONDS, ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE
from flovify.common.logs import get_logger


class TokenSigner:
    """Looks at the keys in the database at each use, so that a change of keys counts in all processes at once."""

    def __init__(self, store: UserStore, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._published: list[SigningKey] = []
        self._opened: dict[str, Ed25519PrivateKey] = {}

    @classmethod
    async def load(cls, store: UserStore, vault: Vault, clock: Clock) -> TokenSigner:
        """Make the first key if there is none. Raises VaultTampered when the one that signs cannot be opened."""
        await SigningKeys(store, vault).ensure_first()
        signer = cls(store, vault, clock)
        await signer._signing_key()
        return signer

    async def access_token(self, session: Session) -> tuple[str, int]:
        """A token for the holder of a session, and for how many seconds it is good: fifteen minutes, or till the end of
        the session. Raises VaultTampered, VaultKeyMissing.
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
        key_id, private = await self._signing_key()
        return jwt.encode(claims, private, ALGORITHM, {"kid": key_id, "typ": TOKEN_TYPE}), ends - now

    async def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517); those known last while the database is away."""
        try:
            await self._look()
        except AWAY as error:
            get_logger().warning("signing_keys_not_read", error=type(error).__name__)
        entries = [
            {"kty": "OKP", "crv": "Ed25519", "x": key.public, "kid": key.id, "alg": ALGORITHM, "use": "sig"}
            for key in self._published
        ]
        return {"keys": entries}

    async def _look(self) -> list[SigningKey]:
        """What is published now; private keys that are not any more are forgotten."""
        found = await self._store.signing_keys()
        self._published = found
        self._opened = {key.id: self._opened[key.id] for key in found if key.id in self._opened}
        return found

    async def _signing_key(self) -> tuple[str, Ed25519PrivateKey]:
        published = await self._look()
        # Should the database's clock have gone back, the earliest signs on.
        key = ([one for one in published if one.signs] or published[:1])[-1]
        if key.id not in self._opened:
            opened = self._vault.open(key.sealed, signing_key_place(key.id), key.data_key)
            self._opened[key.id] = Ed25519PrivateKey.from_private_bytes(base64.b64decode(opened.reveal()))
        return key.id, self._opened[key.id]
