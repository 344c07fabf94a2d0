"""What the worker tells of mailboxes it cannot serve, and how accounts show it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.common.blocked_words import PEOPLE_MUST_ACT
from tests.integration.auth.fake_entra import Person
from tests.integration.auth.house import House, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")
SINCE = "2026-11-23T02:00:00Z"


def _item(tenant_id: str, reason: str = "unauthorized", waiting: int = 7, since: str = SINCE) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "since": since, "reason": reason, "waiting": waiting}


async def _tell(house: House, *items: dict[str, Any], token: str | None = None) -> Reply:
    headers = {"X-Service-Token": house.service_secret if token is None else token}
    url = f"{house.internal}/auth/internal/tenants/blocked"
    return await house.call("PUT", url, json={"items": list(items)}, headers=headers)


async def _shown(house: House, tenant_id: str) -> Any:
    answer = await house.call("GET", f"{house.public}/auth/tenants/{tenant_id}", headers=await house.admin())
    return answer.body["blocked"]


async def _two(house: House) -> tuple[str, str]:
    first = await house.connect()
    house.entra.person = Person(object_id=str(uuid.uuid4()), address="other@contoso.example")
    return first, await house.connect()


async def test_the_list_sets_whom_it_names_and_clears_everybody_else(house: House) -> None:
    first, second = await _two(house)
    assert (await _tell(house, _item(first), _item(second, "forbidden", 0))).body == {"changed": 2}
    shown = await _shown(house, first)
    assert (shown["since"], shown["reason"], shown["waiting"]) == (SINCE, "unauthorized", 7)
    assert shown["who_must_act"] == "user"
    assert shown["link"].endswith(f"?tenant_id={first}")
    assert shown["cause"]
    assert shown["action"]
    assert (await _shown(house, second))["who_must_act"] == "administrator"
    listed = await house.call("GET", f"{house.public}/auth/tenants", headers=await house.admin())
    inside = await house.call(
        "GET", f"{house.internal}/auth/internal/tenants", headers={"X-Service-Token": house.service_secret}
    )
    for page in (listed, inside):
        assert {item["id"]: item["blocked"]["reason"] for item in page.body["items"]} == {
            first: "unauthorized",
            second: "forbidden",
        }
    assert (await _tell(house, _item(second, "forbidden", 5))).body == {"changed": 1}
    assert await _shown(house, first) is None
    assert (await _shown(house, second))["waiting"] == 5
    assert (await _tell(house)).body == {"changed": 1}
    assert await _shown(house, second) is None
    row = await house.row(second)
    assert {row[name] for name in row if name.startswith("blocked_")} == {None}


async def test_the_same_list_twice_changes_nothing_and_unknown_accounts_are_passed_over(house: House) -> None:
    tenant_id = await house.connect()
    told = (_item(tenant_id), _item(str(uuid.uuid4())))
    assert (await _tell(house, *told)).body == {"changed": 1}
    assert (await _tell(house, *told)).body == {"changed": 0}
    assert (await _tell(house, _item(tenant_id), _item(tenant_id))).body == {"changed": 0}
    assert (await house.row(tenant_id))["blocked_told_at"] is not None
    assert (await house.row(tenant_id))["status"] == "active"


async def test_only_services_may_tell_and_only_what_makes_sense(house: House) -> None:
    tenant_id = await house.connect()
    assert (await _tell(house, _item(tenant_id), token="wrong")).status == 401
    odd: list[dict[str, Any]] = [
        {**_item(tenant_id), "since": "2026-11-23T02:00:00"},
        {**_item(tenant_id), "waiting": -1},
        {**_item(tenant_id), "reason": ""},
        {**_item(tenant_id), "tenant_id": "x"},
        {**_item(tenant_id), "more": 1},
    ]
    for one in odd:
        assert (await _tell(house, one)).status == 422
    assert await _shown(house, tenant_id) is None


async def test_a_long_list_is_taken(house: House) -> None:
    tenant_id = await house.connect()
    others = [_item(str(uuid.uuid4())) for _ in range(5000)]
    assert (await _tell(house, *others, _item(tenant_id))).body == {"changed": 1}


@pytest.mark.parametrize("reason", [*PEOPLE_MUST_ACT, "throttled", "unavailable", "not_found", "a_new_one"])
async def test_every_reason_has_words(house: House, reason: str) -> None:
    tenant_id = await house.connect()
    await _tell(house, _item(tenant_id, reason))
    shown = await _shown(house, tenant_id)
    assert shown["reason"] == reason
    assert shown["cause"].endswith(".")
    assert (shown["who_must_act"] in {"user", "administrator"}) is (reason in {*PEOPLE_MUST_ACT, "not_found"})
    if reason == "a_new_one":
        assert reason in shown["cause"]
