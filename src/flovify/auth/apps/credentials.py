"""Credentials as people give them: text that is checked before it is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flovify.auth.apps.certificates import certificate_credential
from flovify.auth.apps.errors import CredentialInvalid
from flovify.auth.apps.models import NewCredential
from flovify.auth.vault.cipher import SecretText

MAX_SECRET = 512


def secret_credential(secret: str, expires_at: datetime | None, now: datetime) -> NewCredential:
    """A client secret. Raises CredentialInvalid for what cannot be one, the secret's id among it."""
    if not secret or len(secret) > MAX_SECRET or not secret.isprintable() or " " in secret:
        raise CredentialInvalid(f"a client secret has 1 to {MAX_SECRET} printable characters without a space")
    if _is_uuid(secret):
        raise CredentialInvalid("this is the secret's id; Entra shows the secret itself in the column Value, once")
    return NewCredential("secret", SecretText(secret), _future(expires_at, now))


def given_credential(
    kind: str, secret: str, certificate_pem: str, private_key_pem: str, expires_at: datetime | None, now: datetime
) -> NewCredential:
    """A secret with the date a person gives, or a certificate with the date it carries. Raises CredentialInvalid."""
    if kind == "secret":
        if certificate_pem or private_key_pem:
            raise CredentialInvalid("give a secret or a certificate with its key, not both")
        return secret_credential(secret, expires_at, now)
    if secret or not certificate_pem or not private_key_pem:
        raise CredentialInvalid("a certificate is given as certificate_pem together with private_key_pem, alone")
    return certificate_credential(certificate_pem, private_key_pem, now)


def _future(moment: datetime | None, now: datetime) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise CredentialInvalid("expires_at needs an offset from UTC, such as 2027-11-30T00:00:00Z")
    if moment <= now:
        raise CredentialInvalid("this credential's expiry date has passed already")
    return moment


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return len(text) == 36
