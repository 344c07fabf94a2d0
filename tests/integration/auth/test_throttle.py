"""Who guesses waits, and keeps nobody else out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies")."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flovify.auth.users.passwords import Passwords
from tests.integration.auth.house import EMAIL, PASSWORD, House, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")
ELSEWHERE = {"X-Forwarded-For": "198.51.100.7"}
OWNER_S = {"X-Forwarded-For": "203.0.113.9"}


async def _sign_in(
    house: House, password: str, headers: dict[str, str], *, email: str = EMAIL, device: str = ""
) -> Reply:
    body = {"email": email, "password": password, "device": device}
    return await house.call("POST", f"{house.public}/auth/login", json=body, headers=headers)


async def _guess(house: House, times: int, headers: dict[str, str]) -> list[int]:
    return [(await _sign_in(house, f"wrong {number}", headers)).status for number in range(times)]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that a hash was computed for."""
    found: list[str] = []
    verify, compute = Passwords.verify, Passwords.hash

    async def verifying(self: Passwords, password_hash: str | None, password: str) -> bool:
        found.append(password)
        return await verify(self, password_hash, password)

    async def hashing(self: Passwords, password: str) -> str:
        found.append(password)
        return await compute(self, password)

    monkeypatch.setattr(Passwords, "verify", verifying)
    monkeypatch.setattr(Passwords, "hash", hashing)
    return found


async def test_one_client_that_tries_120_accounts_is_delayed(house: House, hashed: list[str]) -> None:
    tries = [
        await _sign_in(house, "a wrong password", ELSEWHERE, email=f"someone{number}@example.com")
        for number in range(120)
    ]
    assert [one.status for one in tries[:5]] == [401] * 5
    assert [one.status for one in tries].count(429) >= 110
    assert len(hashed) <= 10
    assert tries[-1].code == "sign_in_delayed"
    assert int(tries[-1].headers["Retry-After"]) >= 1
    assert (await _sign_in(house, PASSWORD, OWNER_S)).status == 200, "others are not kept waiting"


async def test_a_hundred_networks_that_try_one_account_are_delayed(house: House, hashed: list[str]) -> None:
    tries = [await _sign_in(house, "wrong", {"X-Forwarded-For": f"192.0.{number}.1"}) for number in range(100)]
    assert [one.status for one in tries].count(429) >= 90
    assert len(hashed) <= 10


async def test_a_refused_try_takes_no_place_at_the_hasher(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await _guess(house, 6, ELSEWHERE)
    monkeypatch.setattr("flovify.auth.users.passwords.MAX_WAITING", 0)
    refused = await _sign_in(house, PASSWORD, ELSEWHERE)
    assert (refused.status, refused.code) == (429, "sign_in_delayed"), "the delay is looked at before the queue"
    assert (await _sign_in(house, PASSWORD, OWNER_S, email="other@example.com")).status == 503


async def test_the_owner_s_browser_signs_in_while_somebody_guesses(house: House) -> None:
    device = (await _sign_in(house, PASSWORD, OWNER_S)).body["device_token"]
    assert set(await _guess(house, 12, ELSEWHERE)) == {401, 429}
    assert (await _sign_in(house, PASSWORD, OWNER_S)).status == 429, "a browser that is not known waits"
    known = await _sign_in(house, PASSWORD, ELSEWHERE, device=device)
    assert (known.status, known.body["device_token"]) == (200, None), "wherever it is, and it keeps what it has"
    assert device not in await house.owner.fetchval("SELECT json_agg(kept)::text FROM auth.devices AS kept")


async def test_a_device_token_opens_nothing_and_works_for_its_own_account_only(house: House) -> None:
    device = (await _sign_in(house, PASSWORD, OWNER_S)).body["device_token"]
    assert (await _sign_in(house, "wrong", OWNER_S, device=device)).status == 401
    await _guess(house, 6, ELSEWHERE)
    for email, token in (("other@example.com", device), (EMAIL, "x" * 43), (EMAIL, device.lower()), (EMAIL, "é")):
        assert (await _sign_in(house, "wrong", ELSEWHERE, email=email, device=token)).status == 429


async def test_a_known_browser_that_guesses_is_one_like_others_again(house: House) -> None:
    device = (await _sign_in(house, PASSWORD, OWNER_S)).body["device_token"]
    tries = [(await _sign_in(house, f"wrong {number}", OWNER_S, device=device)).status for number in range(30)]
    assert tries[:5] == [401] * 5
    assert tries.count(401) <= 11
    assert tries[-1] == 429


async def test_success_clears_the_account_s_count_not_the_network_s(house: House) -> None:
    for number in range(4):
        await _sign_in(house, "wrong", ELSEWHERE, email=f"someone{number}@example.com")
    assert (await _sign_in(house, "wrong", OWNER_S)).status == 401
    assert (await _sign_in(house, PASSWORD, ELSEWHERE)).status == 200
    kept = {
        row["subject"].partition(":")[0]: row["failures"]
        for row in await house.owner.fetch(
            "SELECT subject, count(*) AS failures FROM auth.sign_in_failures WHERE subject LIKE 'network:198.51.100.%' "
            "OR subject = 'account:' || encode(sha256($1), 'hex') GROUP BY subject",
            EMAIL.encode(),
        )
    }
    assert kept == {"network": 4}


async def test_another_password_makes_known_browsers_unknown(house: House) -> None:
    signed_in = (await _sign_in(house, PASSWORD, OWNER_S)).body
    change = {"current_password": PASSWORD, "new_password": "another good pass phrase"}
    headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
    changed = await house.call("POST", f"{house.public}/auth/me/password", json=change, headers=headers)
    assert changed.status in {200, 204}, changed.text
    again = await _sign_in(house, "another good pass phrase", OWNER_S, device=signed_in["device_token"])
    assert again.body["device_token"] not in {None, signed_in["device_token"]}


async def test_the_set_up_looks_at_its_token_before_it_hashes(house: House, hashed: list[str]) -> None:
    body: dict[str, Any] = {"token": "made-up", "email": "x@example.com", "password": "a good pass phrase"}
    answers = await asyncio.gather(*(house.call("POST", f"{house.public}/auth/setup", json=body) for _ in range(40)))
    assert {(one.status, one.code) for one in answers} == {(409, "already_set_up")}
    assert hashed == []
