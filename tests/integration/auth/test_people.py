"""Users, invitations and passwords over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.auth.house import EMAIL, PASSWORD, House, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW_PASSWORD = "another horse battery staple"


async def _as(house: House, email: str, password: str) -> dict[str, str]:
    answer = await house.login(email, password)
    assert answer.status == 200, answer.text
    return {"Authorization": f"Bearer {answer.body['access_token']}"}


async def _ask(house: House, method: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> Reply:
    given = {"json": body} if body else {}
    return await house.call(method, house.public + path, headers=headers or await house.admin(), **given)


async def _invite(house: House, email: str = "nora@example.com", role: str = "viewer") -> dict[str, Any]:
    answer = await _ask(house, "POST", "/auth/users", email=email, role=role)
    assert answer.status == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    invitation: dict[str, Any] = answer.body
    return invitation


async def _accept(house: House, token: str, password: str = NEW_PASSWORD) -> Reply:
    return await house.call(
        "POST", f"{house.public}/auth/invitations/accept", json={"token": token, "password": password}
    )


async def _join(house: House, email: str = "nora@example.com", role: str = "viewer") -> tuple[str, dict[str, str]]:
    """A user who came by an invitation: the id and the Authorization header."""
    invitation = await _invite(house, email, role)
    assert (await _accept(house, invitation["token"])).status == 200
    return invitation["user"]["id"], await _as(house, email, NEW_PASSWORD)


async def test_an_invited_user_chooses_a_password_once(house: House) -> None:
    invitation = await _invite(house)
    assert invitation["user"]["invited"] is True
    assert invitation["user"]["has_password"] is False
    assert (await house.login("nora@example.com", NEW_PASSWORD)).code == "sign_in_failed"
    weak = await _accept(house, invitation["token"], "short")
    assert weak.status == 422
    accepted = await _accept(house, invitation["token"])
    assert accepted.status == 200
    assert (accepted.body["email"], accepted.body["invited"]) == ("nora@example.com", False)
    again = await _accept(house, invitation["token"])
    assert (again.status, again.code) == (410, "invitation_unusable")
    assert (await house.login("nora@example.com", NEW_PASSWORD)).status == 200
    stored = await house.owner.fetchval("SELECT coalesce(jsonb_agg(i)::text, '') FROM auth.invitations AS i")
    assert invitation["token"] not in stored


async def test_a_new_invitation_replaces_the_old_one_and_ends_sessions(house: House) -> None:
    user_id, nora = await _join(house)
    first = await _ask(house, "POST", f"/auth/users/{user_id}/invitation")
    second = await _ask(house, "POST", f"/auth/users/{user_id}/invitation")
    assert (await _accept(house, first.body["token"])).status == 410
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 200  # until the invitation is used
    assert (await _accept(house, second.body["token"], PASSWORD)).status == 200
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 401
    assert (await house.login("nora@example.com", NEW_PASSWORD)).status == 401
    assert (await house.login("nora@example.com", PASSWORD)).status == 200


async def test_an_invitation_ends_by_itself_and_with_its_user(house: House) -> None:
    invitation = await _invite(house)
    await house.owner.execute("UPDATE auth.invitations SET expires_at = now()")
    assert (await _accept(house, invitation["token"])).status == 410
    renewed = (await _ask(house, "POST", f"/auth/users/{invitation['user']['id']}/invitation")).body
    await _ask(house, "PATCH", f"/auth/users/{invitation['user']['id']}", disabled=True)
    assert (await _accept(house, renewed["token"])).status == 410
    refused = await _ask(house, "POST", f"/auth/users/{invitation['user']['id']}/invitation")
    assert (refused.status, refused.code) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("email", "role", "status"),
    [
        ("", "viewer", 422),
        ("nobody", "viewer", 422),
        ("a b@example.com", "viewer", 422),
        ("x@example.com", "root", 422),
    ],
)
async def test_nonsense_is_no_invitation(house: House, email: str, role: str, status: int) -> None:
    assert (await _ask(house, "POST", "/auth/users", email=email, role=role)).status == status
    assert (await _ask(house, "POST", "/auth/users", email=EMAIL.upper(), role="viewer")).code == "user_exists"


async def test_a_role_counts_at_once(house: House) -> None:
    user_id, nora = await _join(house, role="viewer")
    assert (await _ask(house, "GET", "/auth/tenants", nora)).status == 200
    for method, path in (("GET", "/auth/users"), ("GET", "/auth/audit"), ("GET", "/auth/system")):
        refused = await _ask(house, method, path, nora)
        assert (refused.status, refused.code) == (403, "forbidden"), path
    assert (await _ask(house, "PATCH", f"/auth/users/{user_id}", role="administrator")).body["role"] == "administrator"
    # The access token still says viewer; auth knows better.
    assert (await _ask(house, "GET", "/auth/users", nora)).status == 200
    await _ask(house, "PATCH", f"/auth/users/{user_id}", role="operator")
    assert (await _ask(house, "GET", "/auth/users", nora)).status == 403
    assert (await _ask(house, "GET", "/auth/system", nora)).status == 200


async def test_a_disabled_user_is_out_at_once_and_comes_back(house: House) -> None:
    user_id, nora = await _join(house)
    assert (await _ask(house, "PATCH", f"/auth/users/{user_id}", disabled=True)).body["disabled_at"] is not None
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 401
    assert (await house.login("nora@example.com", NEW_PASSWORD)).code == "sign_in_failed"
    assert (await _ask(house, "PATCH", f"/auth/users/{user_id}", disabled=False)).body["disabled_at"] is None
    assert (await house.login("nora@example.com", NEW_PASSWORD)).status == 200
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 401  # the old session stays ended


async def test_the_last_administrator_stays(house: House) -> None:
    me = (await _ask(house, "GET", "/auth/me")).body["id"]
    for method, path, body in (
        ("PATCH", f"/auth/users/{me}", {"role": "viewer"}),
        ("PATCH", f"/auth/users/{me}", {"disabled": True}),
        ("DELETE", f"/auth/users/{me}", {}),
    ):
        refused = await _ask(house, method, path, **body)
        assert (refused.status, refused.code) == (409, "own_account")
    other, nora = await _join(house, role="administrator")
    # An administrator who has not chosen a password yet cannot sign in, so she does not count.
    await _invite(house, "later@example.com", "administrator")
    assert (await _ask(house, "PATCH", f"/auth/users/{other}", role="viewer")).status == 200
    assert (await _ask(house, "PATCH", f"/auth/users/{other}", role="administrator")).status == 200
    both = await asyncio.gather(
        _ask(house, "PATCH", f"/auth/users/{me}", nora, role="viewer"),
        _ask(house, "PATCH", f"/auth/users/{other}", role="viewer"),
    )
    assert sorted(answer.status for answer in both) == [200, 409] or sorted(a.status for a in both) == [200, 403]
    left = await house.owner.fetchval(
        "SELECT count(*) FROM auth.users WHERE role = 'administrator' AND password_hash IS NOT NULL"
    )
    assert left == 1


async def test_a_deleted_user_is_gone_and_stays_in_the_audit_log(house: House) -> None:
    user_id, nora = await _join(house)
    assert (await _ask(house, "DELETE", f"/auth/users/{user_id}")).status == 204
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 401
    assert (await _ask(house, "DELETE", f"/auth/users/{user_id}")).code == "user_not_found"
    deleted = (await _ask(house, "GET", "/auth/audit?action=user.deleted")).body["items"][0]
    assert deleted["details"] == {"email": "nora@example.com", "role": "viewer"}


async def test_ones_own_password(house: House) -> None:
    _, nora = await _join(house)
    elsewhere = await _as(house, "nora@example.com", NEW_PASSWORD)
    change = {"current_password": "not this one at all", "new_password": "quite new words for it"}
    wrong = await _ask(house, "POST", "/auth/me/password", nora, **change)
    assert (wrong.status, wrong.code) == (403, "wrong_password")
    change["current_password"] = NEW_PASSWORD
    weak = await _ask(house, "POST", "/auth/me/password", nora, **{**change, "new_password": "aaaaaaaaaaaaaaa"})
    assert weak.status == 422
    assert (await _ask(house, "POST", "/auth/me/password", nora, **change)).status == 204
    assert (await _ask(house, "GET", "/auth/me", nora)).status == 200
    assert (await _ask(house, "GET", "/auth/me", elsewhere)).status == 401
    assert (await house.login("nora@example.com", change["new_password"])).status == 200


async def test_sessions_are_listed_and_ended(house: House) -> None:
    user_id, nora = await _join(house)
    sent = {"User-Agent": "a browser", "X-Forwarded-For": "203.0.113.9"}
    login = {"email": "nora@example.com", "password": NEW_PASSWORD}
    other = (await house.call("POST", f"{house.public}/auth/login", json=login, headers=sent)).body["access_token"]
    mine = (await _ask(house, "GET", "/auth/sessions", nora)).body["items"]
    assert {one["user_id"] for one in mine} == {user_id}
    assert [one["current"] for one in mine].count(True) == 1
    elsewhere = next(one for one in mine if not one["current"])
    # The front door, on loopback, says for whom it asks.
    assert (elsewhere["address"], elsewhere["user_agent"]) == ("203.0.113.9", "a browser")
    assert (await _ask(house, "GET", "/auth/sessions?all=true", nora)).status == 403
    everybody = (await _ask(house, "GET", "/auth/sessions?all=true")).body["items"]
    assert {one["email"] for one in everybody} == {EMAIL, "nora@example.com"}
    admins = next(one["id"] for one in everybody if one["email"] == EMAIL)
    assert (await _ask(house, "DELETE", f"/auth/sessions/{admins}", nora)).code == "session_not_found"
    assert (await _ask(house, "DELETE", f"/auth/sessions/{elsewhere['id']}", nora)).status == 204
    assert (await _ask(house, "GET", "/auth/me", {"Authorization": f"Bearer {other}"})).status == 401


async def test_setup_is_needed_until_somebody_can_sign_in(house: House) -> None:
    asked = await house.call("GET", f"{house.public}/auth/setup")
    assert asked.body == {"needed": False}
    await house.owner.execute("UPDATE auth.users SET password_hash = NULL")
    asked = await house.call("GET", f"{house.public}/auth/setup")
    assert asked.body == {"needed": True}
