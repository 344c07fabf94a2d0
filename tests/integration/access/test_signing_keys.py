"""A new signing key: without anybody noticing by default, and at once for one that has leaked."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flovify.auth.users.signing import TokenSigner
from flovify.auth.users.signing_keys import AFTER_SECONDS, AHEAD_SECONDS
from flovify.auth.users.store import UserStore
from flovify.common.clock import SystemClock
from tests.integration.access.ground import CHANGE, FOR_OPERATORS, OPEN_TO_ALL, SOON, Ground, Person
from tests.support.command import Ran, flovify

pytestmark = pytest.mark.asyncio(loop_scope="module")
GOOD = (200, "")


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_ends_after_its_tokens(
    ground: Ground, tmp_path: Path
) -> None:
    person = await ground.join()
    old = _key_of(person)
    assert await ground.ask(person.headers) == GOOD
    done = await _rotate(ground, tmp_path)
    assert done.status == 0, done.errors
    published = await _published(ground)
    assert set(published) > {old}
    [new] = set(published) - {old}
    assert _key_of(await _refreshed(ground, person)) == old, "nobody can be sure yet that all have the new one"
    # Whoever fetched the keys a moment before the new one was made may ask again before it signs.
    await _pass_time(ground, AHEAD_SECONDS)
    fresh = await _refreshed(ground, person)
    assert _key_of(fresh) == new
    assert await ground.ask(fresh.headers) == GOOD
    assert await ground.ask(person.headers) == GOOD, "the old one's tokens are still good"
    assert (await _me(ground, person), await _me(ground, fresh)) == (200, 200)
    await _pass_time(ground, AFTER_SECONDS)
    assert await _published(ground) == [new]
    assert (await _me(ground, person), await _me(ground, fresh)) == (401, 200)
    assert ground.house.deps is not None
    await ground.house.deps.clean_up()
    kept = await ground.house.owner.fetch("SELECT key_id FROM auth.signing_keys")
    assert [row["key_id"] for row in kept] == [new], "its private key is gone"
    assert await ground.house.owner.fetchval("SELECT count(*) FROM auth.revocations WHERE key_id = $1", old) == 0
    entry = await _last_entry(ground)
    assert (entry["actor_kind"], entry["subject"], entry["details"]["now"]) == ("command line", new, False)


async def test_a_leaked_key_is_believed_by_nobody_within_moments_and_sessions_go_on(
    ground: Ground, tmp_path: Path
) -> None:
    person, other = await ground.join(), await ground.join()
    ground.api.verifier.forget()  # so that it fetches the keys now, and may not again for a minute
    assert await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}") == GOOD, (
        "the front door keeps a token of the old key"
    )
    forged = await _forged(ground, other)
    assert await ground.ask(forged.headers, FOR_OPERATORS) == GOOD, "whoever has the key is whoever he wants to be"
    beside = await _another_process(ground)
    async with _stream(ground, person) as events:
        await asyncio.wait_for(events.content.readuntil(b"\n\n"), SOON)
        done = await _rotate(ground, tmp_path, "--now")
        assert (done.status, "every access token" in done.output) == (0, True), done
        for one in (forged, person):
            await ground.refused(one)
            assert await _me(ground, one) == 401
        assert await asyncio.wait_for(events.content.read(), SOON) == b""
    # The api fetched the keys less than a minute ago, and yet knows the new one.
    assert await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}") == GOOD
    assert await ground.ask((await _refreshed(ground, other)).headers) == GOOD
    [new] = await _published(ground)
    assert [entry["kid"] for entry in (await beside.jwks())["keys"]] == [new], "also of a process that was running"
    assert await ground.house.owner.fetchval("SELECT count(*) FROM auth.signing_keys") == 1
    entry = await _last_entry(ground)
    assert (entry["subject"], entry["details"]["now"]) == (new, True)
    assert entry["details"]["ended"] == [_key_of(person)]


async def test_who_was_not_told_learns_it_from_the_list(ground: Ground, tmp_path: Path) -> None:
    person = await ground.join()
    assert (await _rotate(ground, tmp_path, "--now")).status == 0
    told = await ground.api.auth.list_revocations()
    assert _key_of(person) in told.keys


async def _rotate(ground: Ground, cwd: Path, *words: str) -> Ran:
    env = {"DATABASE_URL": ground.house.database.auth_dsn, "OAUTH_ENCRYPTION_KEY": ground.house.encryption_key}
    return await flovify("admin", "rotate-signing-key", *words, env=env, cwd=cwd)


async def _published(ground: Ground) -> list[str]:
    answer = await ground.house.call("GET", f"{ground.house.internal}/auth/.well-known/jwks.json")
    return [entry["kid"] for entry in answer.body["keys"]]


async def _refreshed(ground: Ground, person: Person) -> Person:
    token = await ground.refresh(person.session_token)
    return Person(person.id, person.email, person.session_token, person.session_id, token)


async def _me(ground: Ground, person: Person) -> int:
    answer = await ground.house.call("GET", f"{ground.house.public}/auth/me", headers=person.headers)
    return answer.status


async def _pass_time(ground: Ground, seconds: float) -> None:
    """As if so many seconds had passed, for the keys and for the api's memory of them."""
    await ground.house.owner.execute(
        "UPDATE auth.signing_keys SET signs_from = signs_from - make_interval(secs => $1),"
        " retired_at = retired_at - make_interval(secs => $1)",
        seconds,
    )
    verifier = ground.api.verifier
    if verifier._fetched_at is not None:
        verifier._fetched_at -= seconds


async def _forged(ground: Ground, person: Person) -> Person:
    """Somebody with the private key makes an operator of a viewer."""
    signer = await _another_process(ground)
    key_id, private = await signer._signing_key()
    now = int(time.time())
    claims: dict[str, Any] = {
        **jwt.decode(person.bearer, options={"verify_signature": False}),
        "role": "operator", "iat": now, "exp": now + 600,
    }  # fmt: skip
    assert isinstance(private, Ed25519PrivateKey)
    token = jwt.encode(claims, private, "EdDSA", {"kid": key_id, "typ": "at+jwt"})
    return Person(person.id, person.email, person.session_token, person.session_id, token)


async def _another_process(ground: Ground) -> TokenSigner:
    """What another auth process would sign with; it has its keys open already."""
    assert ground.house.deps is not None
    vault = ground.house.deps.signer._vault
    return await TokenSigner.load(UserStore(ground.house.deps.pool), vault, SystemClock())


def _stream(ground: Ground, person: Person) -> Any:
    cookie = f"flovify_sid_{ground.front_url.rpartition(':')[2]}={person.session_token}"
    return ground.http.get(f"{ground.front_url}/bff/stream", headers={**CHANGE, "Cookie": cookie})


def _key_of(person: Person) -> str:
    return str(jwt.get_unverified_header(person.bearer)["kid"])


async def _last_entry(ground: Ground) -> Any:
    return await ground.house.deps.pool.fetchrow(  # type: ignore[union-attr]
        "SELECT actor_kind, subject, details FROM auth.audit_log WHERE action = 'keys.rotated' ORDER BY id DESC LIMIT 1"
    )
