"""Sign-in, sessions, access tokens and the first administrator, at a real process."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flovify.auth.users.passwords import Passwords
from flovify.auth.users.service import create_user
from flovify.common.db import create_pool
from flovify.common.errors import Conflict
from tests.integration.auth.house import EMAIL, PASSWORD, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _me(house: House, token: str) -> int:
    answer = await house.call("GET", f"{house.public}/auth/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status


async def test_signing_in_gives_an_access_token_that_the_published_key_verifies(house: House) -> None:
    answer = await house.login()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.body) == {
        "access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_at", "user", "device_token",
        "connecting",
    }  # fmt: skip
    assert answer.body["user"]["role"] == "administrator"
    jwks = (await house.call("GET", f"{house.internal}/auth/.well-known/jwks.json")).body
    assert "d" not in jwks["keys"][0]
    token = answer.body["access_token"]
    key = jwt.PyJWK(jwks["keys"][0], algorithm="EdDSA")
    claims = jwt.decode(token, key.key, algorithms=["EdDSA"], issuer="flovify-auth", audience="flovify")
    assert claims["email"] == EMAIL
    assert claims["exp"] - claims["iat"] == 900
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    me = await house.call("GET", f"{house.public}/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert me.body == {"id": claims["sub"], "email": EMAIL, "role": "administrator"}


async def test_a_session_is_refreshed_until_it_ends(house: House) -> None:
    first = (await house.login()).body
    url = f"{house.public}/auth/refresh"
    again = await house.call("POST", url, json={"refresh_token": first["refresh_token"]})
    assert again.status == 200
    assert again.body["refresh_token"] == first["refresh_token"]
    stored = await house.owner.fetchval("SELECT row_to_json(s)::text FROM auth.sessions AS s LIMIT 1")
    assert first["refresh_token"] not in stored
    for ending in ("last_used_at = now() - interval '31 minutes'", "expires_at = now() - interval '1 second'"):
        token = (await house.login()).body
        await house.owner.execute(f"UPDATE auth.sessions SET {ending}")
        refused = await house.call("POST", url, json={"refresh_token": token["refresh_token"]})
        assert (refused.status, refused.code) == (401, "session_ended")
    for nonsense in ("", "x", "é" * 100, "x" * 200):
        refused = await house.call("POST", url, json={"refresh_token": nonsense})
        assert refused.status == 401


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE auth.sessions SET revoked_at = now()",
        "UPDATE auth.users SET disabled_at = now()",
        "DELETE FROM auth.users",
    ],
)
async def test_an_access_token_ends_with_its_session(house: House, ending: str) -> None:
    token = (await house.login()).body["access_token"]
    assert await _me(house, token) == 200
    await house.owner.execute(ending)
    assert await _me(house, token) == 401
    tenants = await house.call("GET", f"{house.public}/auth/tenants", headers={"Authorization": f"Bearer {token}"})
    assert tenants.status == 401


async def test_an_access_token_never_outlives_its_session(house: House) -> None:
    first = (await house.login()).body
    await house.owner.execute("UPDATE auth.sessions SET expires_at = now() + interval '90 seconds'")
    url = f"{house.public}/auth/refresh"
    last = (await house.call("POST", url, json={"refresh_token": first["refresh_token"]})).body
    claims = jwt.decode(last["access_token"], options={"verify_signature": False})
    assert 80 <= last["expires_in"] <= 90
    assert claims["exp"] - claims["iat"] == last["expires_in"]


async def test_signing_out_ends_the_session_and_may_be_repeated(house: House) -> None:
    body = (await house.login()).body
    for _ in range(2):
        answer = await house.call("POST", f"{house.public}/auth/logout", json={"refresh_token": body["refresh_token"]})
        assert answer.status == 204
    assert await _me(house, body["access_token"]) == 401


async def test_an_unknown_user_and_a_wrong_password_look_and_cost_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lasts is the hash: each try computes exactly one, with the same parameters, whoever is asked for."""
    hashed: list[str] = []
    verify = Passwords._verify

    def noting(self: Passwords, password_hash: str, password: str) -> bool:
        hashed.append(password_hash.rpartition("$")[0].rpartition("$")[0])
        return verify(self, password_hash, password)

    monkeypatch.setattr(Passwords, "_verify", noting)
    answers = [await house.login(email, "a wrong password") for email in (EMAIL, "nobody@example.com")]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].alike == answers[1].alike
    known, unknown = hashed
    assert known == unknown
    assert known.startswith("$argon2id$")


async def test_a_hundred_wrong_passwords_at_once_are_hashed_ten_times_at_most(house: House) -> None:
    answers = await asyncio.gather(*(house.login(EMAIL, f"wrong password {number}") for number in range(100)))
    codes = [answer.status for answer in answers]
    assert codes.count(401) <= 10
    assert set(codes) <= {401, 429, 503}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers if answer.status in {429, 503})
    # Ten more, so that the delay is at its longest however slow this machine is.
    await house.owner.execute(
        "INSERT INTO auth.sign_in_failures (subject)"
        " SELECT (SELECT min(subject) FROM auth.sign_in_failures) FROM generate_series(1, 10)"
    )
    refused = await house.login()
    assert (refused.status, refused.code) == (429, "sign_in_delayed")
    assert 20 <= int(refused.headers["Retry-After"]) <= 31
    # Time passes: the delay is at most half a minute, and then the right password works again.
    await house.owner.execute("UPDATE auth.sign_in_failures SET failed_at = failed_at - interval '31 seconds'")
    assert (await house.login()).status == 200
    assert (await house.login()).status == 200


async def test_many_right_passwords_at_once_all_sign_in(house: House) -> None:
    answers = await asyncio.gather(*(house.login() for _ in range(20)))
    assert {answer.status for answer in answers} == {200}


async def test_odd_sign_ins_are_refused_in_words(house: House) -> None:
    url = f"{house.public}/auth/login"
    cases: list[tuple[Any, set[int]]] = [
        ({"email": EMAIL, "password": ""}, {401, 422}),
        ({"email": EMAIL, "password": "x" * 1025}, {422}),
        ({"email": EMAIL, "password": "correct horse\x00battery"}, {422}),
        ({"email": EMAIL, "password": 12345678901234}, {422}),
        ({"email": EMAIL, "password": " " + PASSWORD}, {401}),
        ({"email": EMAIL, "password": None}, {422}),
        ({"email": EMAIL}, {422}),
        ({"email": "' OR 1=1 --", "password": PASSWORD}, {401}),
        ({"email": "*)(uid=*", "password": PASSWORD}, {401}),
        ({"email": "a\r\nb\x1b[31m@example.com", "password": PASSWORD}, {401, 422}),
        ({"email": "\u202eadmin@example.com", "password": PASSWORD}, {401, 422}),
        ({"email": "\x00", "password": PASSWORD}, {401, 422}),
        ({"email": "x" * 10_000, "password": PASSWORD}, {401, 422}),
        ([], {422}),
        ("x", {422}),
    ]
    for body, allowed in cases:
        answer = await house.call("POST", url, json=body)
        assert answer.status in allowed, (body, answer.text)
        assert "correct horse" not in answer.text
        await house.owner.execute("DELETE FROM auth.sign_in_failures")
    for raw, allowed in ((b"", {422}), (b"{", {422}), (b'{"email":"\\ud800","password":"\\ud800"}', {401, 422})):
        answer = await house.call("POST", url, data=raw, headers={"Content-Type": "application/json"})
        assert answer.status in allowed, (raw, answer.text)
    big = await house.call("POST", url, json={"email": EMAIL, "password": "x" * 100_000})
    assert (big.status, big.code) == (413, "body_too_large")


async def test_forged_access_tokens_are_refused_alike(house: House) -> None:
    good = (await house.login()).body["access_token"]
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    header = {"kid": kid, "typ": "at+jwt"}
    public = (await house.call("GET", f"{house.internal}/auth/.well-known/jwks.json")).body["keys"][0]["x"]
    other = Ed25519PrivateKey.generate()
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    forged = [
        jwt.encode(claims, "", "none", header),
        jwt.encode(claims, public, "HS256", header),
        jwt.encode(claims, other, "EdDSA", header),
        jwt.encode(claims, other, "EdDSA", {**header, "kid": "made-up"}),
        good[:-4] + "AAAA",
        good.rpartition(".")[0],
        f"{good.split('.')[0]}.{payload}.",
        "a.b.c",
        "é",
        "x" * 15_000,
    ]
    texts = set()
    for token in forged:
        answer = await house.call("GET", f"{house.public}/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401, token[:80]
        texts.add(answer.alike)
    assert len(texts) == 1
    assert await _me(house, good) == 200


async def test_the_command_line_s_users_sign_in_and_are_unique(house: House) -> None:
    pool = await create_pool(house.database.auth_dsn, application_name="test", max_size=1)
    user = await create_user(pool, "viewer@example.com", "correct horse battery staple", "viewer")
    with pytest.raises(Conflict):
        await create_user(pool, "VIEWER@example.com", "correct horse battery staple", "viewer")
    await pool.close()
    answer = await house.login("Viewer@Example.com", "correct horse battery staple")
    assert answer.body["user"] == {"id": str(user.id), "email": "viewer@example.com", "role": "viewer"}
    bearer = {"Authorization": f"Bearer {answer.body['access_token']}"}
    assert (await house.call("GET", f"{house.public}/auth/tenants", headers=bearer)).status == 200
    some = "00000000-0000-0000-0000-000000000001"
    for method, path in (
        ("GET", "/auth/oauth/ms365/authorize"),
        ("DELETE", f"/auth/tenants/{some}"),
        ("POST", f"/auth/tenants/{some}/refresh"),
    ):
        assert (await house.call(method, house.public + path, headers=bearer)).status == 403
        assert (await house.call(method, house.public + path)).status == 401
