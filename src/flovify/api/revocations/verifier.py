"""Who may call the api: an access token that is good, and that nothing has ended."""

from __future__ import annotations

import jwt as pyjwt

from flovify.api.revocations.known import KnownRevocations
from flovify.common.clock import Clock
from flovify.common.jwt import AccessTokenVerifier, FetchJwks, Principal


class LivingTokenVerifier(AccessTokenVerifier):
    """As AccessTokenVerifier, but an ended session, another role and a dropped signing key count within moments.

    All of it in memory.
    """

    def __init__(self, fetch_jwks: FetchJwks, known: KnownRevocations, clock: Clock) -> None:
        super().__init__(fetch_jwks, clock)
        self._known = known

    async def verify(self, token: str) -> Principal:
        """The caller behind `token`. Raises Unauthorized; with the code session_ended for what was ended."""
        principal = await super().verify(token)
        self._known.check(principal)
        return principal

    async def _key(self, key_id: str) -> pyjwt.PyJWK:
        self._known.check_key(key_id)
        if self._known.dropped(self._keys):
            # The keys were changed at once, and the new one signs already: nobody waits for the next fetch.
            self.forget()
        return await super()._key(key_id)
