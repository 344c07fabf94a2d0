"""Loaded into schemathesis by SCHEMATHESIS_HOOKS: signs in as the administrator, and again as the token grows old.

Whatever the made-up requests end, sessions among it, the next minute begins with a new one.
"""

from __future__ import annotations

import os
from typing import Any

import requests
import schemathesis

_SECONDS = 30
_LOGIN = {"email": os.environ["MADE_UP_EMAIL"], "password": os.environ["MADE_UP_PASSWORD"]}


@schemathesis.auth(refresh_interval=_SECONDS)
class SignedIn:
    """By a bearer token at auth and api, by the session's cookie at the front door."""

    def get(self, _case: Any, _context: Any) -> dict[str, str]:
        """The headers of a new session."""
        answer = requests.post(os.environ["MADE_UP_LOGIN"], json=_LOGIN, headers={"X-Flovify": "1"}, timeout=30)
        answer.raise_for_status()
        if answer.cookies:
            cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
            return {"Cookie": cookie, "X-Flovify": "1"}
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def set(self, case: Any, data: dict[str, str], _context: Any) -> None:
        """Into the request."""
        case.headers = {**(case.headers or {}), **data}
