"""The names and flags of the cookies (BCP 212, "OAuth 2.0 for Browser-Based Applications", 6.1.3.2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from flovify.bff.settings import BffSettings


class SessionCookie:
    """Holds the opaque session token. Over plain http (one machine) the name carries the port: cookies ignore ports."""

    def __init__(self, settings: BffSettings) -> None:
        self._secure = settings.https
        self.name = "__Host-Http-flovify-sid" if settings.https else f"flovify_sid_{settings.public_port}"
        self.tx_name = "__Secure-flovify_oauth_tx" if settings.https else "flovify_oauth_tx"

    def read(self, request: Request) -> str:
        """The session token, or nothing."""
        return request.cookies.get(self.name, "")

    def put(self, response: Response, session_token: str) -> None:
        """Keep the session in the browser until it closes or signs out; the server ends it earlier."""
        response.set_cookie(self.name, session_token, path="/", secure=self._secure, httponly=True, samesite="strict")
        self._forget_flow(response)

    def remove(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="strict")
        self._forget_flow(response)

    def _forget_flow(self, response: Response) -> None:
        """A flow begun by another session must not be finished by this one."""
        response.delete_cookie(self.tx_name, path="/auth/oauth", secure=self._secure, httponly=True, samesite="lax")
