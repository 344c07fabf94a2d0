"""Plain HTTP calls to the sandbox as one signed-in program, without any client library in between."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.contract.sandbox_process import REDIRECT_URI, Sandbox

SCOPES = "openid profile email offline_access User.Read Mail.Read Mail.ReadWrite"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON body, None when there is none."""
        return json.loads(self.content) if self.content else None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def fetch(method: str, url: str, *, headers: dict[str, str] | None = None, content: bytes | None = None) -> Answer:
    """One request; refusals and redirects are answers like any other. Header names in lower case."""
    request = urllib.request.Request(url, data=content, headers=headers or {}, method=method)
    try:
        with _OPENER.open(request, timeout=30) as answer:
            return Answer(answer.status, _headers(answer.headers.items()), answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, _headers(refusal.headers.items()), refusal.read())


def _headers(items: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in items}


class GraphSession:
    """One program's registration, one user's consent, one access token."""

    def __init__(self, sandbox: Sandbox, address: str) -> None:
        self.sandbox = sandbox
        self.address = address
        self.app = sandbox.register(f"contract {secrets.token_hex(3)}")
        self.tokens = self.redeem(
            {"grant_type": "authorization_code", "code": self.code(), "redirect_uri": REDIRECT_URI}
        )

    def code(self, **more: str) -> str:
        """A fresh authorization code."""
        return self.authorize(**more)["code"]

    def authorize(self, **more: str) -> dict[str, str]:
        """The parameters that the authorize page sends back."""
        query = {
            "client_id": self.app["client_id"],
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPES,
            "state": "s",
            "sandbox_auto": self.address,
            **more,
        }
        answer = fetch("GET", f"{self.sandbox.url}/common/oauth2/v2.0/authorize?{urlencode(query)}")
        if "location" not in answer.headers:
            raise AssertionError(f"authorize answered {answer.status}: {answer.content[:500]!r}")
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def token(self, form: dict[str, str], tenant: str = "common") -> Answer:
        """Ask the token endpoint with this program's credential."""
        wanted = {"client_id": self.app["client_id"], "client_secret": self.app["client_secret"], **form}
        return fetch("POST", f"{self.sandbox.url}/{tenant}/oauth2/v2.0/token", content=urlencode(wanted).encode())

    def redeem(self, form: dict[str, str]) -> dict[str, Any]:
        answer = self.token(form)
        assert answer.status == 200, answer.content
        tokens: dict[str, Any] = answer.body
        return tokens

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """A Graph call; `path` begins after /v1.0. `token` replaces this session's, an empty one sends none."""
        sent = dict(headers or {})
        bearer = self.tokens["access_token"] if token is None else token
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return fetch(method, f"{self.sandbox.url}/v1.0{path}", headers=sent, content=content)

    def deliver(self, raw: bytes) -> dict[str, Any]:
        """Put a mail into this session's mailbox over the control route and return Graph's newest message."""
        answer = fetch(
            "POST",
            f"{self.sandbox.url}/_sandbox/mailboxes/{quote(self.address)}/messages",
            headers={"Content-Type": "message/rfc822"},
            content=raw,
        )
        assert answer.status < 300, answer.content
        newest: dict[str, Any] = self.call("GET", "/me/mailFolders/inbox/messages?$top=1").body["value"][0]
        return newest
