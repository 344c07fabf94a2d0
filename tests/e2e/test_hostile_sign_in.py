"""Odd and hostile requests to what lets people and services in, over real sockets to every listener.

None is let in and none gets a 5xx. What needs a flow of its own (a state, a code, a person at Microsoft) is in
tests/integration/auth/test_ways_back.py; wrong passwords, which keep their sender waiting, in test_signing_in.py and
test_throttle.py there.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import House
from tests.e2e.raw import answer_to

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRONT, AUTH, API = "FLOVIFY_PORT", "FLOVIFY_AUTH_PORT", "FLOVIFY_API_PORT"
AUTH_INTERNAL, API_INTERNAL = "FLOVIFY_AUTH_INTERNAL_PORT", "FLOVIFY_API_INTERNAL_PORT"
CALLBACK = "/auth/oauth/ms365/callback"
NOBODY = "00000000-0000-0000-0000-000000000001"
TOKEN = "/auth/internal/tenant-token"
ASKED = b'{"tenant_id":"%b"}' % NOBODY.encode()
SERVICE = b"X-Service-Token: %b\r\n"
LEAKS = re.compile(rb"Traceback|asyncpg|SELECT |File \"|/src/flovify|<script>")


def get(target: str, headers: bytes = b"", method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n".encode() + headers + b"\r\n"


def post(target: str, body: bytes, headers: bytes = b"") -> bytes:
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return get(target, kind + headers, "POST") + body


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _forged(header: object, claims: object, signature: str = "AAAA") -> bytes:
    return f"{_segment(header)}.{_segment(claims)}.{signature}".encode()


_CLAIMS = {"iss": "flovify-auth", "aud": "flovify", "sub": NOBODY, "role": "administrator", "exp": 9999999999}
JWTS: dict[str, bytes] = {
    "none": _forged({"alg": "none"}, _CLAIMS, ""),
    "HS256": _forged({"alg": "HS256", "kid": "a"}, _CLAIMS),
    "EdDSA": _forged({"alg": "EdDSA", "kid": "a", "typ": "at+jwt"}, _CLAIMS),
    "a foreign key set": _forged({"alg": "EdDSA", "jku": "https://evil.test/", "jwk": {}}, _CLAIMS),
    "header is a list": _forged([], _CLAIMS),
    "kid is a list": _forged({"alg": "EdDSA", "kid": []}, _CLAIMS),
    "algorithm is a number": _forged({"alg": 1, "kid": "a"}, _CLAIMS),
    "claims are a text": _forged({"alg": "EdDSA", "kid": "a"}, "x"),
    "two parts": b"a.b",
    "dots": b"....",
    "not ASCII": "é.é.é".encode(),
    "long": b"x" * 12_000,
    "nothing": b"",
}
INTERNAL = [
    "/auth/internal/tenant-token",
    "/%61uth/internal/tenant-token",
    "/auth/inter%6eal/tenant-token",
    "/auth%2finternal%2ftenant-token",
    "//auth/internal/tenant-token",
    "/auth//internal/tenant-token",
    "/auth/./internal/tenant-token",
    "/auth/x/../internal/tenant-token",
    "/auth/%2e/internal/tenant-token",
    "/auth;x/internal/tenant-token",
    "/auth/internal;x/tenant-token",
    "/AUTH/INTERNAL/TENANT-TOKEN",
    "/auth/internal/tenant-token.",
    "/auth/internal/tenant-token/",
    "/auth/internal/tenant-token%00",
    "/auth\\internal\\tenant-token",
    "/api/internal/renew-subscription",
    "/api/inter%6eal/renew-subscription",
    "/api/../auth/internal/tenant-token",
    "/api/%2e%2e/auth/internal/tenant-token",
]
# Malformed ones only: a wrong password would count.
SIGN_INS: dict[str, tuple[bytes, set[int]]] = {
    "nothing": (b"", {422}),
    "no JSON": (b"{", {422}),
    "list": (b"[]", {422}),
    "no password": (b'{"email":"a@b.example"}', {422}),
    "password null": (b'{"email":"a@b.example","password":null}', {422}),
    "password number": (b'{"email":"a@b.example","password":1}', {422}),
    "password NUL": (b'{"email":"a@b.example","password":"correct\\u0000horse"}', {422}),
    "password 1,025": (b'{"email":"a@b.example","password":"%b"}' % (b"x" * 1025), {422}),
    "address NUL": (b'{"email":"\\u0000","password":"correct horse"}', {401, 422}),
    "no UTF-8": (b'{"email":"\xff","password":"correct horse"}', {422}),
    "UTF-16": ('{"email":"a","password":"b"}'.encode("utf-16"), {422}),
    "deep": (b'{"email":' + b"[" * 5000 + b"]" * 5000 + b"}", {413, 422}),
    "100 kB": (b" " * 100_000, {413}),
}
TENANTS: dict[str, tuple[bytes, set[int]]] = {
    "nothing": (b"", {422}),
    "no tenant": (b"{}", {422}),
    "list": (b"[]", {422}),
    "number": (b'{"tenant_id":1}', {422}),
    "no id": (b'{"tenant_id":"x"}', {422}),
    "NUL": (b'{"tenant_id":"\\u0000"}', {422}),
    "list of tenants": (b'{"tenant_id":["%b"]}' % NOBODY.encode(), {422}),
    "10,000 tenants": (json.dumps({"tenant_id": [NOBODY] * 10_000}).encode(), {413, 422}),
    "something more": (b'{"tenant_id":"%b","tenants":[]}' % NOBODY.encode(), {422}),
    "unknown tenant": (b'{"tenant_id":"%b"}' % NOBODY.encode(), {404}),
}
CALLBACKS = {
    "no state": "",
    "unknown state": "?state=abcdefghijklmnopqrstuvwxyz&code=c",
    "long state": f"?state={'a' * 5000}&code=c",
    "two states": "?state=a&state=b&code=c",
    "NUL": "?state=a%00b&code=c%00d",
    "no UTF-8": "?state=%ff%fe&code=%c3%28",
    "script": "?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E",
    "way back": "?state=a&code=c&return_to=https://evil.test",
    "header": "?state=a%0d%0aSet-Cookie:x=1&code=c",
}
GUESSES = [b"", b"x", "é".encode(), b"\xef\xbb\xbfx", b"x" * 12_000]


# Name, listener, request, the statuses that are right.
Case = tuple[str, str, bytes, set[int]]


def _jwts() -> Iterator[Case]:
    for name, token in JWTS.items():
        header = b"Authorization: Bearer " + token + b"\r\n"
        yield f"token at auth: {name}", AUTH, get("/auth/me", header), {401}
        yield f"token at api: {name}", API, get("/api/messages", header), {401}
        yield f"token at the door: {name}", FRONT, get("/api/messages", header), {401}


def _internal(right: bytes) -> Iterator[Case]:
    for port in (FRONT, AUTH, API):
        for path in INTERNAL:
            yield f"internal at {port}: {path}", port, post(path, ASKED, right), {400, 404, 405}


def _doors() -> Iterator[Case]:
    header = b"X-Flovify: 1\r\n"
    for name, (body, statuses) in SIGN_INS.items():
        yield f"sign-in: {name}", FRONT, post("/bff/session", body, header), statuses
    yield "sign-in: 20 MB", FRONT, get("/bff/session", header + b"Content-Length: 20000000\r\n", "POST"), {403, 413}
    yield "sign-in: of another site", FRONT, post("/bff/session", b"{}"), {403}
    for name, query in CALLBACKS.items():
        yield f"callback: {name}", FRONT, get(CALLBACK + query, b"Accept: application/json\r\n"), {400, 422}


def _services(secret: bytes, right: bytes) -> Iterator[Case]:
    renew = "/api/internal/renew-subscription"
    for guess in (b"", b"x", "é".encode(), b"\xef\xbb\xbfx", b"x" * 12_000, secret[:-1], secret + b"x"):
        yield f"service token: {guess[:3]!r}", AUTH_INTERNAL, post(TOKEN, ASKED, SERVICE % guess), {401}
    yield "service token: none", AUTH_INTERNAL, post(TOKEN, ASKED), {401}
    yield "service token: other name", AUTH_INTERNAL, post(TOKEN, ASKED, b"X_Service_Token: %b\r\n" % secret), {401}
    yield "service token: twice", AUTH_INTERNAL, post(TOKEN, ASKED, right * 2), {400, 401}
    yield "service token: 1 MB", AUTH_INTERNAL, post(TOKEN, ASKED, SERVICE % (b"x" * 2**20)), {431}
    yield "service token: at api", API_INTERNAL, post(renew, b"{}", SERVICE % b"x"), {401}
    for name, (body, statuses) in TENANTS.items():
        yield f"tenant: {name}", AUTH_INTERNAL, post(TOKEN, body, right), statuses


async def test_nobody_is_let_in_and_nothing_is_a_5xx(house: House) -> None:
    secret = house.stack.secrets.service_secret.encode()
    right = SERVICE % secret
    table = [*_jwts(), *_internal(right), *_doors(), *_services(secret, right)]
    wrong = {}
    for name, port, raw, allowed in table:
        answer = await answer_to(house.stack.ports[port], raw)
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        if status not in allowed or secret in answer or LEAKS.search(answer):
            wrong[name] = answer[:300]
    assert wrong == {}
    assert len(table) > 140
