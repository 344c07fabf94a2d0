from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sandbox_entra.asgi import CLIENT_ID, CLIENT_SECRET, REDIRECT, call, memory_app

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NAMES = st.sampled_from(
    ["client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
     "prompt", "login_hint", "sandbox_auto", "code_challenge", "code_challenge_method", "grant_type", "code",
     "refresh_token", "code_verifier", "flow", "user", "decision"]
)  # fmt: skip
KNOWN = st.sampled_from(
    [CLIENT_ID, CLIENT_SECRET, REDIRECT, "code", "openid Mail.Read", "authorization_code", "refresh_token", "none",
     "client_credentials", "https://graph.microsoft.com/.default", "sales@contoso.example", "S256", "form_post"]
)  # fmt: skip
VALUES = st.one_of(KNOWN, st.text(max_size=40), st.just("\x00"), st.just("\ud800\r\n<script>"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def app() -> Any:
    return memory_app()


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


@QUIET
@given(
    pairs=st.lists(st.tuples(NAMES, VALUES), max_size=8), authority=st.sampled_from(["common", "contoso.example", "é%"])
)
def test_the_authorization_endpoint_never_breaks_and_redirects_only_to_a_registered_address(
    app: Any, pairs: list[tuple[str, str]], authority: str
) -> None:
    known = [("client_id", CLIENT_ID), ("response_type", "code"), ("scope", "openid")]
    for asked in (pairs, [*known, *pairs]):
        answer = asyncio.run(call(app, "GET", f"/{authority}/oauth2/v2.0/authorize", query=_encoded(asked)))
        assert answer.status in {200, 302, 400}, answer
        if answer.status == 302:
            assert urlsplit(answer.headers["location"])._replace(query="", fragment="").geturl() == REDIRECT
        assert b"<script>" not in answer.body.replace(b"<script>document.forms[0].submit()", b"")


@QUIET
@given(pairs=st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_the_token_endpoint_answers_every_form_in_entras_shape(app: Any, pairs: list[tuple[str, str]]) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = asyncio.run(call(app, "POST", "/common/oauth2/v2.0/token", body=_encoded(pairs), headers=headers))
    body = json.loads(answer.body)
    assert answer.status in {400, 401}, answer
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")


@QUIET
@given(body=st.binary(max_size=60), content_type=st.sampled_from(["", "application/x-www-form-urlencoded; charset=é"]))
def test_the_token_endpoint_survives_any_bytes(app: Any, body: bytes, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = asyncio.run(call(app, "POST", "/common/oauth2/v2.0/token", body=body, headers=headers))
    assert answer.status in {400, 401}


@QUIET
@given(
    path=st.sampled_from(
        [
            "apps",
            "mailboxes",
            "faults",
            "clock",
            "settings",
            "subscriptions/x/notify-again",
            "organizations/contoso.example/consents",
            "token-errors",
        ]
    ),
    body=st.one_of(st.binary(max_size=40), JSON.map(lambda value: json.dumps(value).encode())),
)
def test_control_routes_refuse_any_nonsense_with_a_reason(app: Any, path: str, body: bytes) -> None:
    answer = asyncio.run(call(app, "POST", f"/_sandbox/{path}", body=body))
    assert answer.status in {404, 422}, (answer.status, answer.body)
    assert json.loads(answer.body)["detail"]


async def test_state_comes_back_unchanged_whatever_it_is(app: Any) -> None:
    for state in ("a b+c&d=e#f%", "ü€\U0001f600", "<script>\r\nX: y", "x" * 2000):
        query = {"client_id": CLIENT_ID, "response_type": "code", "scope": "openid", "state": state}
        for mode in ("query", "fragment"):
            asked = {**query, "response_mode": mode, "sandbox_auto": "sales@contoso.example"}
            answer = await call(app, "GET", "/common/oauth2/v2.0/authorize", query=urlencode(asked).encode())
            parts = urlsplit(answer.headers["location"])
            assert dict(parse_qsl(parts.query or parts.fragment))["state"] == state
