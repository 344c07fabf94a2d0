from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request

from flovify.auth.users.signing_keys import AFTER_SECONDS, AHEAD_SECONDS
from flovify.common.clock import SystemClock
from flovify.common.errors import FlovifyError, Forbidden, Unauthorized
from flovify.common.jwt import (
    ACCESS_SECONDS,
    LEEWAY_SECONDS,
    REFETCH_SECONDS,
    AccessTokenVerifier,
    RequireRole,
)

KEY = Ed25519PrivateKey.generate()
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class HandClock(SystemClock):
    """Its monotonic time stands still until it is moved."""

    at = 1000.0

    def monotonic(self) -> float:
        return self.at


class Published:
    """Auth's key document, counting how often it is fetched."""

    def __init__(self) -> None:
        self.fetched = 0

    async def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        entry = pyjwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**entry, "kid": "k1", "alg": "EdDSA"}]}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {
        "sub": "u1", "email": "a@example.com", "role": "operator", "sid": "s1", "iss": "flovify-auth", "aud": "flovify",
        "iat": now, "exp": now + 600,
    }  # fmt: skip
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def token(headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return pyjwt.encode(claims(**changes), KEY, "EdDSA", {"kid": "k1", "typ": "at+jwt", **(headers or {})})


async def test_a_good_token_names_its_caller() -> None:
    principal = await AccessTokenVerifier(Published()).verify(token())
    assert (principal.user_id, principal.email, principal.role, principal.session_id) == (
        "u1", "a@example.com", "operator", "s1",
    )  # fmt: skip


def unsigned() -> str:
    return pyjwt.encode(claims(), "", "none", {"kid": "k1", "typ": "at+jwt"})


def signed_with_the_public_key() -> str:
    # PyJWT refuses to sign with a PEM as an HMAC secret, so the attack is made by hand.
    import base64
    import hashlib
    import hmac
    import json

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    body = f"{part({'alg': 'HS256', 'kid': 'k1', 'typ': 'at+jwt'})}.{part(claims())}"
    mac = hmac.new(PUBLIC_PEM, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        signed_with_the_public_key,
        lambda: token()[:-4] + "AAAA",
        lambda: ".".join(token().split(".")[:2]),
        lambda: "",
        lambda: "x" * 2**20,
        lambda: token(exp=None),
        lambda: token(aud=None),
        lambda: token(aud="another"),
        lambda: token(iss="another"),
        lambda: token(exp=int(time.time()) - 61),
        lambda: token(nbf=int(time.time()) + 600),
        lambda: token({"typ": "service+jwt"}),
        lambda: token({"kid": "unknown"}),
        lambda: token(role=None),
    ],
)
async def test_a_bad_token_is_refused_with_the_same_text(make: Callable[[], str]) -> None:
    with pytest.raises(Unauthorized) as caught:
        await AccessTokenVerifier(Published()).verify(make())
    assert "sign in first" in caught.value.detail


async def test_a_flood_of_unknown_key_ids_fetches_the_keys_once() -> None:
    published = Published()
    verifier = AccessTokenVerifier(published)
    for number in range(1000):
        with pytest.raises(Unauthorized):
            await verifier.verify(token({"kid": f"unknown-{number}"}))
    assert published.fetched == 1


def request(*authorization: str) -> Request:
    return Request({"type": "http", "headers": [(b"authorization", value.encode()) for value in authorization]})


async def test_a_role_that_is_too_low_is_a_403_and_a_higher_one_passes() -> None:
    verifier = AccessTokenVerifier(Published())
    with pytest.raises(Forbidden):
        await RequireRole(verifier, "administrator")(request(f"Bearer {token()}"))
    await RequireRole(verifier, "viewer")(request(f"Bearer {token()}"))


@pytest.mark.parametrize("headers", [[], ["Basic abc"], ["Bearer"], ["Bearer "], ["Bearer a", "Bearer b"]])
async def test_a_missing_or_doubled_authorization_header_is_a_401(headers: list[str]) -> None:
    with pytest.raises(FlovifyError) as caught:
        await RequireRole(AccessTokenVerifier(Published()))(request(*headers))
    assert caught.value.status == 401


async def test_keys_are_fetched_again_for_an_unknown_one_once_a_minute_at_most_and_at_once_when_told_to() -> None:
    published, clock = Published(), HandClock()
    verifier = AccessTokenVerifier(published, clock)
    await verifier.verify(token())
    for wait, fetched in ((0, 1), (REFETCH_SECONDS - 1, 1), (1, 2), (0, 2)):
        clock.at += wait
        with pytest.raises(Unauthorized):
            await verifier.verify(token({"kid": "made up"}))
        assert published.fetched == fetched
    verifier.forget()
    await verifier.verify(token())
    assert published.fetched == 3


def test_a_new_key_signs_when_whoever_fetched_just_before_it_was_made_may_fetch_again() -> None:
    slowest_answer = 30
    assert REFETCH_SECONDS + slowest_answer <= AHEAD_SECONDS
    assert AFTER_SECONDS > ACCESS_SECONDS + LEEWAY_SECONDS
