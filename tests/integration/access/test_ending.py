"""Access that was ended is ended at the api within moments, for calls and for the open stream."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import asyncpg
import pytest

from flovify.api.errors import AuthUnavailable
from flovify.api.revocations.feed import RevocationFeed
from flovify.api.revocations.known import KnownRevocations
from flovify.api.revocations.models import Revoked
from tests.integration.access.ground import (
    CHANGE,
    FOR_OPERATORS,
    NEVER,
    OPEN_TO_ALL,
    PASSWORD,
    SOON,
    Ground,
    Person,
    api_environment,
    cut_channel,
)
from tests.integration.auth.inside import running_inside
from tests.support.net import free_ports
from tests.support.processes import spawn
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

Deed = Callable[[Ground, Person], Awaitable[None]]
GOOD = (200, "")


async def sign_out(ground: Ground, person: Person) -> None:
    body = {"refresh_token": person.session_token}
    answer = await ground.house.call("POST", f"{ground.house.public}/auth/logout", json=body)
    assert answer.status == 204


async def sign_out_at_the_front_door(ground: Ground, person: Person) -> None:
    assert (await ground.at_front(person, "DELETE", "/bff/session"))[0] == 204


async def end_by_an_administrator(ground: Ground, person: Person) -> None:
    await ground.as_admin("DELETE", f"/auth/sessions/{person.session_id}")


async def change_the_password_elsewhere(ground: Ground, person: Person) -> None:
    login = await ground.house.login(person.email, PASSWORD)
    body = {"current_password": PASSWORD, "new_password": "another horse battery staple"}
    headers = {"Authorization": f"Bearer {login.body['access_token']}"}
    answer = await ground.house.call("POST", f"{ground.house.public}/auth/me/password", json=body, headers=headers)
    assert answer.status == 204, answer.text
    assert await ground.ask(headers) == GOOD, "the session that changed it goes on"


async def disable(ground: Ground, person: Person) -> None:
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", disabled=True)


async def delete(ground: Ground, person: Person) -> None:
    await ground.as_admin("DELETE", f"/auth/users/{person.id}")


async def promote(ground: Ground, person: Person) -> None:
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", role="operator")


async def disable_by_hand(ground: Ground, person: Person) -> None:
    await ground.house.owner.execute("UPDATE auth.users SET disabled_at = now() WHERE id = $1", person.id)


async def delete_by_hand(ground: Ground, person: Person) -> None:
    await ground.house.owner.execute("DELETE FROM auth.sessions WHERE user_id = $1", person.id)


DEEDS: list[Deed] = [
    sign_out,
    sign_out_at_the_front_door,
    end_by_an_administrator,
    change_the_password_elsewhere,
    disable,
    delete,
    promote,
    disable_by_hand,
    delete_by_hand,
]


@asynccontextmanager
async def stream(ground: Ground, person: Person) -> AsyncIterator[aiohttp.StreamReader]:
    """The api's stream, through the front door; its first block has come."""
    name = f"flovify_sid_{ground.front_url.rpartition(':')[2]}"
    headers = {**CHANGE, "Cookie": f"{name}={person.session_token}"}
    async with ground.http.get(f"{ground.front_url}/bff/stream", headers=headers) as answer:
        assert answer.status == 200
        await asyncio.wait_for(answer.content.readuntil(b"\n\n"), SOON)
        yield answer.content


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_the_token_is_refused_and_the_stream_ends(ground: Ground, deed: Deed) -> None:
    person, other = await ground.join(), await ground.join()
    assert await ground.ask(person.headers) == GOOD
    async with stream(ground, person) as events, stream(ground, other) as others:
        await deed(ground, person)
        await ground.refused(person)
        assert await asyncio.wait_for(events.read(), SOON) == b""
        assert not others.at_eof()
    assert await ground.ask(other.headers) == GOOD


async def test_another_process_of_auth_is_heard_as_well(ground: Ground) -> None:
    person, (public, internal) = await ground.join(), free_ports(2)
    ports = {"FLOVIFY_AUTH_PORT": str(public), "FLOVIFY_AUTH_INTERNAL_PORT": str(internal)}
    async with running_inside(ground.house.environment(**ports)):
        body = {"refresh_token": person.session_token}
        await ground.house.call("POST", f"http://127.0.0.1:{public}/auth/logout", json=body)
        await ground.refused(person)


async def test_within_one_second_only_the_tokens_from_before_a_new_role_are_refused(ground: Ground) -> None:
    person = await ground.join("viewer")
    await promote(ground, person)
    fresh = replace(person, bearer=await ground.refresh(person.session_token))
    await ground.refused(person)
    assert await ground.ask(fresh.headers, FOR_OPERATORS) == GOOD
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", role="viewer")
    await ground.refused(fresh)
    again = replace(person, bearer=await ground.refresh(person.session_token))
    assert (await ground.ask(again.headers), await ground.ask(again.headers, FOR_OPERATORS)) == (
        GOOD,
        (403, "forbidden"),
    )


async def test_a_session_begun_after_a_disabled_user_came_back_is_good(ground: Ground) -> None:
    person = await ground.join()
    await disable(ground, person)
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", disabled=False)
    login = await ground.house.login(person.email, PASSWORD)
    assert await ground.ask({"Authorization": f"Bearer {login.body['access_token']}"}) == GOOD
    await ground.refused(person)


async def test_at_the_front_door_a_new_role_is_no_sign_out(ground: Ground) -> None:
    person = await ground.join("viewer")
    await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}")  # so that the old token is kept there
    assert await ground.at_front(person, "GET", f"/bff{FOR_OPERATORS}") == (403, "forbidden")
    await promote(ground, person)
    await ground.refused(person)
    assert await ground.at_front(person, "GET", f"/bff{FOR_OPERATORS}") == GOOD
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", role="viewer")
    await asyncio.sleep(0.1)
    assert await ground.at_front(person, "GET", f"/bff{FOR_OPERATORS}") == (403, "forbidden")


async def test_at_the_front_door_a_body_is_sent_again_with_the_new_token(ground: Ground) -> None:
    person = await ground.join("operator")
    await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}")
    await ground.as_admin("PATCH", f"/auth/users/{person.id}", role="administrator")
    await ground.refused(person)
    body = {"ids": [str(uuid.uuid4())]}
    assert await ground.at_front(person, "POST", "/bff/api/replays/preview", json=body) == GOOD


async def test_at_the_front_door_an_ended_session_is_a_sign_out(ground: Ground) -> None:
    person = await ground.join()
    assert await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}") == GOOD
    await end_by_an_administrator(ground, person)
    await ground.refused(person)
    assert await ground.at_front(person, "GET", f"/bff{OPEN_TO_ALL}") == (401, "not_signed_in")


async def test_what_was_told_while_the_channel_was_cut_is_read_afterwards(ground: Ground) -> None:
    person = await ground.join()
    await cut_channel(ground)
    await until(lambda: not ground.api.revocations.listening, SOON, "the loss", 0.001)
    await end_by_an_administrator(ground, person)
    await ground.refused(person)
    await until(lambda: ground.api.revocations.listening, SOON, "the channel")


async def test_without_auth_the_channel_is_enough(ground: Ground) -> None:
    ended, demoted = await ground.join(), await ground.join("operator")
    assert await ground.ask(ended.headers) == GOOD
    await ground.house.stack.aclose()
    try:
        await delete_by_hand(ground, ended)
        await ground.house.owner.execute("UPDATE auth.users SET role = 'viewer' WHERE id = $1", demoted.id)
        await ground.refused(ended)
        await ground.refused(demoted)
    finally:
        await ground.house.start()


async def test_a_process_that_starts_knows_what_ended_before(ground: Ground) -> None:
    person = await ground.join()
    await end_by_an_administrator(ground, person)
    known = await _started(ground, NEVER)
    assert person.session_id in known._sessions


async def test_the_process_follows_too(ground: Ground) -> None:
    public, internal = free_ports(2)
    ports = {"FLOVIFY_API_PORT": str(public), "FLOVIFY_API_INTERNAL_PORT": str(internal)}
    url = f"http://127.0.0.1:{public}"
    with spawn(["serve", "api"], {**api_environment(ground.house), **ports}, f"{url}/api/ready", 100):
        there, person = replace(ground, api_url=url), await ground.join()
        assert await there.ask(person.headers) == GOOD
        await end_by_an_administrator(ground, person)
        await there.refused(person)


async def test_the_net_catches_what_was_never_told(ground: Ground) -> None:
    person, known, asked = await ground.join(), KnownRevocations(ground.api.clock), 0

    async def ask() -> Revoked:
        nonlocal asked
        told = await ground.api.auth.list_revocations()
        asked += 1
        return told

    feed = RevocationFeed(ground.api.pool, ask, known, ground.api.clock, net_seconds=0.5)
    await feed.start()
    try:
        await until(lambda: feed.listening and asked >= 2, SOON, "the readings at the start and after the gap", 0.01)
        await ground.house.owner.execute("INSERT INTO auth.revocations (session_id) VALUES ($1)", person.session_id)
        await until(lambda: person.session_id in known._sessions, SOON, "the net")
    finally:
        await feed.stop()


async def test_a_list_that_could_not_be_read_is_asked_for_again(ground: Ground) -> None:
    person, known, refusals = await ground.join(), KnownRevocations(ground.api.clock), iter([1, 2])
    await end_by_an_administrator(ground, person)

    async def ask() -> Revoked:
        if next(refusals, None):
            raise AuthUnavailable("auth is away")
        return await ground.api.auth.list_revocations()

    feed = RevocationFeed(ground.api.pool, ask, known, ground.api.clock, net_seconds=NEVER)
    await feed.start()  # auth's absence keeps no api from its start
    try:
        assert person.session_id not in known._sessions
        await until(lambda: person.session_id in known._sessions, SOON, "the list")
    finally:
        await feed.stop()


async def test_the_api_may_not_read_auths_list_itself(ground: Ground) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ground.api.pool.fetch("SELECT * FROM auth.revocations")
    url = f"{ground.house.internal}/auth/internal/revocations"
    assert (await ground.house.call("GET", url)).status == 401
    assert (await ground.house.call("GET", url.replace(ground.house.internal, ground.house.public))).status == 404


async def test_old_rows_are_forgotten(ground: Ground) -> None:
    person = await ground.join()
    await end_by_an_administrator(ground, person)
    await ground.house.owner.execute(
        "UPDATE auth.revocations SET revoked_at = now() - interval '20 minutes 1 second' WHERE session_id = $1",
        person.session_id,
    )
    assert person.session_id not in (await ground.api.auth.list_revocations()).sessions
    assert ground.house.deps is not None
    await ground.house.deps.clean_up()
    left = "SELECT count(*) FROM auth.revocations WHERE session_id = $1"
    assert await ground.house.owner.fetchval(left, person.session_id) == 0


async def _started(ground: Ground, net_seconds: float) -> KnownRevocations:
    """What a new process of the api knows when it begins to serve."""
    known = KnownRevocations(ground.api.clock)
    ask = ground.api.auth.list_revocations
    feed = RevocationFeed(ground.api.pool, ask, known, ground.api.clock, net_seconds=net_seconds)
    await feed.start()
    await feed.stop()
    return known
