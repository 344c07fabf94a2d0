"""Sign-ins in progress: what an application asked for, who was picked, and the codes handed out."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import Code, User
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.entra.errors import invalid_grant
from flovify.sandbox.entra.pending import PendingFlows
from flovify.sandbox.journal import Journal

CODE_LIFE = timedelta(minutes=10)
CODE_MEMORY = timedelta(days=1)


@dataclass(frozen=True)
class AuthorizeRequest:
    """A checked authorization request (v2-oauth2-auth-code-flow, "Request an authorization code")."""

    authority: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    response_mode: str
    prompt: str
    login_hint: str
    code_challenge: str
    code_challenge_method: str

    def with_scopes(self, scopes: tuple[str, ...]) -> AuthorizeRequest:
        return replace(self, scopes=scopes)


class Flows(PendingFlows[AuthorizeRequest]):
    """Sign-ins on the pages live in memory; codes are journaled."""

    def __init__(self, journal: Journal, clock: SandboxClock, directory: Directory) -> None:
        super().__init__(clock)
        self._journal = journal
        self._directory = directory
        self._codes = {code.code: code for code in journal.load("code", Code)}
        self._forget_old()

    def clear(self) -> None:
        """Forget all flows and codes."""
        super().clear()
        self._codes.clear()

    def owner(self, code_text: str) -> str:
        """The id of the user a code was issued for, empty for an unknown code."""
        code = self._codes.get(code_text)
        return code.user_id if code else ""

    def _forget_old(self) -> None:
        """Codes stay known for a day, so that a late second try is still told apart from an unknown code."""
        oldest = self._clock.now() - CODE_MEMORY
        for code in [code for code in self._codes.values() if code.expires_at < oldest]:
            del self._codes[code.code]
            self._journal.delete("code", code.code)

    def issue_code(self, request: AuthorizeRequest, user: User) -> str:
        """A code for one redemption within ten minutes."""
        now = self._clock.now()
        code = Code(
            code="1.A" + secrets.token_urlsafe(120),
            client_id=request.client_id,
            user_id=user.id,
            redirect_uri=request.redirect_uri,
            scopes=list(request.scopes),
            issued_at=now,
            expires_at=now + CODE_LIFE,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
        )
        self._codes[code.code] = code
        self._journal.put("code", code.code, code)
        return code.code

    def redeem(self, code_text: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """Use up a code. Raises EntraError invalid_grant or invalid_request."""
        code = self._codes.get(code_text)
        if code is None or code.client_id != client_id:
            raise invalid_grant(70000, "The provided value for the input parameter 'code' is not valid.")
        if code.used:
            raise invalid_grant(54005, "OAuth2 Authorization code was already redeemed, please retry with a new code.")
        if code.expires_at <= self._clock.now():
            raise invalid_grant(70008, "The provided authorization code has expired due to inactivity.")
        if code.redirect_uri != redirect_uri:
            raise invalid_grant(500112, "The reply address does not match the one of the authorization request.")
        if self._directory.revoked(code.client_id, code.user_id, code.issued_at):
            raise invalid_grant(50173, "The provided grant has expired due to it being revoked.")
        _check_verifier(code, verifier)
        code.used = True
        self._journal.put("code", code.code, code)
        return code


def _check_verifier(code: Code, verifier: str) -> None:
    """A verifier without a challenge is refused too: it means that the challenge was taken out on the way."""
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    expected = hashed if code.code_challenge_method == "S256" else verifier
    if bool(verifier) != bool(code.code_challenge) or (verifier and expected != code.code_challenge):
        raise invalid_grant(
            501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        )
