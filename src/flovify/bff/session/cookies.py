"""The names and flags of the cookies (BCP 212, "OAuth 2.0 for Browser-Based Applications", 6.1.3.2)."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from flovify.bff.settings import BffSettings

DEVICE_SECONDS = 180 * 24 * 3600  # as long as auth remembers it
# What auth hands out: 32 random bytes in base64url. Anything else is not worth asking auth about.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class SessionCookie:
    """Holds the opaque session token. Over plain http (one machine) the name carries the port: cookies ignore ports."""

    def __init__(self, settings: BffSettings) -> None:
        self._secure = settings.https
        self.name = "__Host-Http-flovify-sid" if settings.https else f"flovify_sid_{settings.public_port}"
        self.device_name = "__Host-Http-flovify-device" if settings.https else f"flovify_device_{settings.public_port}"
        self.tx_name = "__Secure-flovify_oauth_tx" if settings.https else "flovify_oauth_tx"

    def read(self, request: Request) -> str:
        """The session token, or nothing."""
        return only_cookie(request, self.name)

    def read_device(self, request: Request) -> str:
        """What this browser keeps from an earlier sign-in, or nothing."""
        return only_cookie(request, self.device_name)

    def put_device(self, response: Response, token: str) -> None:
        """Keep it beyond sign-outs. It opens nothing: tries from this browser are only counted apart from others'."""
        response.set_cookie(
            self.device_name, token, DEVICE_SECONDS, path="/", secure=self._secure, httponly=True, samesite="strict"
        )

    def read_flow(self, request: Request) -> str:
        """The value that binds an OAuth flow to this browser, or nothing."""
        return only_cookie(request, self.tx_name)

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


def only_cookie(request: Request, name: str) -> str:
    """The token in a cookie that was sent exactly once: a second one of the name was planted by another host."""
    pairs = [pair.strip().partition("=") for header in request.headers.getlist("cookie") for pair in header.split(";")]
    values = [value for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 and _TOKEN.fullmatch(values[0]) else ""
