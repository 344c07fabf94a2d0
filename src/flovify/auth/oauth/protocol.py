"""What the connecting of accounts asks of a provider: sign-in, tokens and identity.

`Ms365Client` and `IdTokenVerifier` are the first. Another provider (Google Workspace) needs these few methods and
registrations of its own.
"""

from __future__ import annotations

from typing import Protocol

from flovify.auth.apps.models import Registration
from flovify.auth.oauth.id_token import Identity
from flovify.auth.oauth.ms365 import TokenAnswer
from flovify.auth.vault.cipher import SecretText


class IdentityProvider(Protocol):
    """One sign-in service. Methods that call it raise EntraError, sorted by what it means for the connection."""

    def authorize_url(
        self, registration: Registration, *, state: str, nonce: str, verifier: str, extra: dict[str, str]
    ) -> str:
        """Where the browser goes to sign in and consent."""

    async def exchange_code_for_tokens(self, registration: Registration, code: str, verifier: str) -> TokenAnswer:
        """Redeem what the browser brought back."""

    async def refresh_access_token(self, registration: Registration, refresh_token: SecretText) -> TokenAnswer:
        """A new access token; a refresh token only where the old one is replaced."""

    async def request_app_token(self, registration: Registration, organization: str) -> TokenAnswer:
        """An access token of the application itself in one organisation."""


class IdentityVerifier(Protocol):
    """Proves who signed in."""

    async def verify(self, registration: Registration, token: str | None, nonce: str) -> Identity:
        """Raises IdTokenInvalid."""
