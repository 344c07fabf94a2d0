"""Our own service's client, signed in at a sandbox in the same ways as MSAL."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import aiohttp
import jwt

from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.models import Credential, Registration
from flovify.auth.microsoft.id_token import Identity, IdTokenVerifier
from flovify.auth.microsoft.ms365 import Ms365Client, TokenAnswer
from flovify.auth.vault.cipher import SecretText
from flovify.common.clock import SystemClock
from tests.contract.graph_session import fetch
from tests.contract.sandbox_process import REDIRECT_URI, SALES, Sandbox
from tests.support.certificates import Made


@dataclass
class Held:
    """One credential; what Microsoft said of it is remembered."""

    credential: Credential
    refused: list[str] = field(default_factory=list)

    async def credentials(self, _registration_id: UUID) -> list[Credential]:
        return [self.credential]

    async def note_credential_refused(self, _credential: Credential, reason: dict[str, Any]) -> None:
        self.refused.append(str(reason["error"]))

    async def note_refused(self, _registration_id: UUID, reason: dict[str, Any]) -> None:
        self.refused.append(str(reason["error"]))

    async def note_accepted(self, _registration_id: UUID, _credential: Credential) -> None:
        self.refused.clear()


@dataclass(frozen=True)
class SignedIn:
    """What one sign-in by code gave. `identity` is what our verifier made of the id_token."""

    answer: TokenAnswer
    refreshed: TokenAnswer
    identity: Identity
    claims: dict[str, Any]


class OwnClient:
    """Ms365Client for one application of a sandbox, by secret or by certificate."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession, client_id: str, proof: str | Made) -> None:
        self.registration = Registration(uuid4(), "ms365", client_id, "global", "common", "", True, "stored")
        certificate = proof if isinstance(proof, Made) else None
        secret = SecretText(certificate.key_pem if certificate else str(proof))
        kind = "certificate" if certificate else "secret"
        pem = certificate.certificate_pem if certificate else None
        held = Held(Credential(uuid4(), kind, secret, pem, refused=False))  # type: ignore[arg-type]
        places = Addresses(sandbox.url, REDIRECT_URI, sandbox.url)
        self.client = Ms365Client(session, places, held, SystemClock())
        self._verifier = IdTokenVerifier(session, places, SystemClock())

    async def app_token(self, organization: str) -> TokenAnswer:
        return await self.client.request_app_token(self.registration, organization)

    async def sign_in(self) -> SignedIn:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        url = self.client.authorize_url(
            self.registration, state=state, nonce=nonce, verifier=verifier, extra={"sandbox_auto": SALES}
        )
        query = parse_qs(urlsplit(fetch("GET", url).headers["location"]).query)
        answer = await self.client.exchange_code_for_tokens(self.registration, query["code"][0], verifier)
        identity = await self._verifier.verify(self.registration, answer.id_token, nonce)
        if answer.refresh_token is None or answer.id_token is None:
            raise AssertionError("a sign-in gives a refresh token and an id_token")
        refreshed = await self.client.refresh_access_token(self.registration, answer.refresh_token)
        claims: dict[str, Any] = jwt.decode(answer.id_token, options={"verify_signature": False})
        return SignedIn(answer, refreshed, identity, claims)
