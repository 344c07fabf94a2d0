"""The RSA key that signs id_tokens; it survives a restart, so that tokens issued before stay verifiable."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from flovify.sandbox.journal import Journal

KEY_BLOB = "entra signing key"  # in the journal


class SigningKey:
    """One RSA-2048 key, made on first use."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._key = self._load()
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.kid = base64.urlsafe_b64encode(hashlib.sha256(der).digest())[:27].decode()

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 JWT with our key id."""
        return jwt.encode(claims, self._key, "RS256", {"kid": self.kid})

    def published(self, issuer: str) -> dict[str, Any]:
        """The key as an entry of the JWKS, with the issuer it may be used for. Like Entra's, it names no `alg`."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        entry = {name: public[name] for name in ("kty", "n", "e")}
        return {**entry, "use": "sig", "kid": self.kid, "issuer": issuer}

    def _load(self) -> RSAPrivateKey:
        try:
            loaded = load_pem_private_key(self._journal.get_blob(KEY_BLOB), password=None)
        except KeyError:
            made = generate_private_key(public_exponent=65537, key_size=2048)
            pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            self._journal.put_blob(KEY_BLOB, pem)
            return made
        if not isinstance(loaded, RSAPrivateKey):
            raise TypeError("the sandbox's signing key is not an RSA key")
        return loaded
