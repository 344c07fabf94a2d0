"""A sandbox process, and the plain HTTP calls an application and a browser make to it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import aiohttp
from multidict import CIMultiDictProxy

from tests.support.net import free_ports
from tests.support.processes import Process, start, stop, wait_ready

SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"
CLIENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
CLIENT_SECRET = "s3cret-&-with=marks+%41"
REDIRECT = "http://localhost:9/callback"
OTHER_REDIRECT = "https://app.example/back?keep=1"
SCOPES = "openid profile offline_access User.Read Mail.Read"
_PORTS = ("FLOVIFY_SANDBOX_PORT", "FLOVIFY_SANDBOX_TLS_PORT", "FLOVIFY_SANDBOX_PROXY_PORT", "FLOVIFY_SANDBOX_SMTP_PORT")


class Sandbox:
    """The process can be killed and started again over the same state."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        self.env = {name: str(port) for name, port in self.ports.items()} | {
            "FLOVIFY_DATA_DIR": str(data_dir),
            "FLOVIFY_SANDBOX_CLIENT_ID": CLIENT_ID,
            "FLOVIFY_SANDBOX_CLIENT_SECRET": CLIENT_SECRET,
            "FLOVIFY_SANDBOX_REDIRECT_URIS": f"{REDIRECT}, {OTHER_REDIRECT}",
        }
        self.process: Process

    @property
    def port(self) -> int:
        return self.ports["FLOVIFY_SANDBOX_PORT"]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self.process = start(["sandbox"], self.env)
        wait_ready(self.process, f"{self.url}/_sandbox/mailboxes", 60)

    def stop(self) -> None:
        stop(self.process)


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of one response."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str
    json: Any

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the redirect."""
        assert self.status == 302, f"{self.status} {self.text}"
        return dict(parse_qsl(urlsplit(self.headers["Location"]).query))


@dataclass(frozen=True)
class Page:
    """A page with one form, as a browser without scripts sees it."""

    action: str
    hidden: dict[str, str]
    buttons: dict[str, tuple[str, str]]  # label -> (name, value)

    @classmethod
    def read(cls, answer: Answer) -> Page:
        assert answer.status == 200, answer.text
        form = re.search(r'<form method="post" action="([^"]*)">(.*?)</form>', answer.text, re.DOTALL)
        assert form, answer.text
        inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2])
        buttons = re.findall(r'<button[^>]* name="([^"]*)" value="([^"]*)">(.*?)</button>', form[2], re.DOTALL)
        labels = {unescape(re.sub(r"<[^>]*>", " ", label)).strip(): (n, unescape(v)) for n, v, label in buttons}
        return cls(unescape(form[1]), {unescape(n): unescape(v) for n, v in inputs}, labels)

    def press(self, text: str) -> dict[str, str]:
        """The form as sent by the button whose label holds `text`."""
        name, value = next(what for label, what in self.buttons.items() if text in label)
        return {**self.hidden, name: value}


class Entra:
    """Calls to one sandbox."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.http = http
        self.verifier = secrets.token_urlsafe(48)

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        url = f"{self.sandbox.url}{path}"
        async with self.http.request(method, url, allow_redirects=False, **options) as answer:
            text = await answer.text()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return Answer(
                answer.status, answer.headers, text, await answer.json(content_type=None) if is_json else None
            )

    async def control(self, method: str, path: str, **options: Any) -> Any:
        answer = await self.call(method, f"/_sandbox{path}", **options)
        assert answer.status < 300, answer.text
        return answer.json

    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    async def authorize(self, *, authority: str = "common", **query: str | None) -> Answer:
        """GET the authorization endpoint; a parameter given as None is left out."""
        asked: dict[str, str | None] = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": "the state",
            "nonce": "the-nonce",
            "code_challenge": self.challenge(),
            "code_challenge_method": "S256",
            **query,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return await self.call("GET", f"/{authority}/oauth2/v2.0/authorize", params=given)

    async def post_page(self, page: Page, form: dict[str, str]) -> Answer:
        return await self.call("POST", page.action, data=form)

    async def code(self, address: str = SALES, **query: Any) -> str:
        return (await self.authorize(sandbox_auto=address, **query)).query["code"]

    async def token(self, *, authority: str = "common", headers: Any = None, **form: str | None) -> Answer:
        """POST the token endpoint with our credentials; a parameter given as None is left out."""
        asked: dict[str, str | None] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
        given = {name: value for name, value in asked.items() if value is not None}
        return await self.call("POST", f"/{authority}/oauth2/v2.0/token", data=given, headers=headers)

    async def redeem(self, code: str, **form: Any) -> Answer:
        whole = {"redirect_uri": REDIRECT, "code_verifier": self.verifier, **form}
        return await self.token(grant_type="authorization_code", code=code, **whole)

    async def refresh(self, refresh_token: str, **form: Any) -> Answer:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **form)

    async def sign_in(self, address: str = SALES, **query: Any) -> dict[str, Any]:
        """A whole sign-in; returns the token response."""
        answer = await self.redeem(await self.code(address, **query))
        assert answer.status == 200, answer.text
        tokens: dict[str, Any] = answer.json
        return tokens

    async def me(self, access_token: str) -> Answer:
        return await self.call("GET", "/v1.0/me", headers={"Authorization": f"Bearer {access_token}"})


def check_error(answer: Answer, status: int, error: str, number: int) -> None:
    """The token endpoint's refusal, in exactly Microsoft's shape."""
    assert (answer.status, answer.json["error"], answer.json["error_codes"]) == (status, error, [number]), answer.text
    body = answer.json
    assert set(body) - {"suberror"} == {
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
        "error_uri",
    }
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert f"Trace ID: {body['trace_id']} Correlation ID: {body['correlation_id']}" in body["error_description"]
    assert body["error_description"].endswith(f"Timestamp: {body['timestamp']}")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", body["timestamp"])
    assert body["error_uri"] == f"https://login.microsoftonline.com/error?code={number}"
    assert answer.headers["Cache-Control"].startswith("no-store")


def fragment_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).fragment).items()}
