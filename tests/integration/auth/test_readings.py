"""auth's figures: what they count, and that its metrics show them."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from flovify.api.auth_client import AuthClient
from flovify.auth.apps.models import NewCredential, NewRegistration
from flovify.auth.vault.cipher import SecretText
from tests.integration.auth.fake_entra import Person
from tests.integration.auth.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
SAMPLE = re.compile(r"^(flovify_[a-z_]+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


async def _shown(house: House) -> dict[str, float]:
    """What a scraper gets after a reading, by name and labels."""
    assert house.deps is not None
    await house.deps.readings.task(house.deps.pool, house.deps.figures.take).run_if_due()
    await house.owner.execute("UPDATE auth.periodic_tasks SET due_at = now() WHERE name = 'take_readings'")
    await house.deps.readings.task(house.deps.pool, house.deps.figures.take).run_if_due()
    text = (await house.call("GET", f"{house.internal}/metrics")).text
    return {f"{name}{{{labels}}}" if labels else name: float(value) for name, labels, value in SAMPLE.findall(text)}


def _states(found: dict[str, float]) -> dict[str, float]:
    return {name.split('"')[1]: value for name, value in found.items() if name.startswith("flovify_tenants{")}


async def test_accounts_are_counted_by_state(house: House) -> None:
    first = await house.connect()
    house.entra.person = Person(object_id=str(uuid.uuid4()), address="other@contoso.example")
    second = await house.connect()
    found = await _shown(house)
    assert _states(found) == {"active": 2, "blocked": 0, "reconnect_required": 0, "disconnecting": 0}
    assert 0 <= found['flovify_readings_age_seconds{of="auth"}'] < 5
    await house.owner.execute("UPDATE auth.tenants SET blocked_since = now() WHERE id = $1", first)
    assert _states(await _shown(house)) == {"active": 1, "blocked": 1, "reconnect_required": 0, "disconnecting": 0}
    await house.owner.execute("UPDATE auth.tenants SET status = 'reconnect_required' WHERE id = $1", first)
    await house.owner.execute("UPDATE auth.tenants SET status = 'disconnecting' WHERE id = $1", second)
    assert _states(await _shown(house)) == {"active": 0, "blocked": 0, "reconnect_required": 1, "disconnecting": 1}


async def test_the_worker_is_told_the_same_figures_and_nobody_without_the_service_secret(house: House) -> None:
    assert house.deps is not None
    await house.owner.execute("DELETE FROM auth.readings")
    house.deps.readings._last = None
    async with aiohttp.ClientSession() as http:
        asked = AuthClient(http, house.internal, house.service_secret)
        assert await asked.last_reading() is None, "before the first reading"
        await house.connect()
        found = await _shown(house)
        reading = await asked.last_reading()
        assert reading is not None
        assert 0 <= reading.age_seconds < 5
        assert {state: reading.get("flovify_tenants", state) for state in _states(found)} == _states(found)
        assert reading.get("flovify_auth_tokens_failing") == 0
    assert (await house.call("GET", f"{house.internal}/auth/internal/readings")).status == 401
    headers = {"X-Service-Token": house.service_secret}
    assert (await house.call("GET", f"{house.public}/auth/internal/readings", headers=headers)).status == 404


async def test_tokens_that_fail_and_refresh_tokens_that_lapse_are_told(house: House) -> None:
    assert "flovify_auth_refresh_token_soonest_expiry_seconds" not in await _shown(house)
    tenant_id = await house.connect()
    found = await _shown(house)
    assert found["flovify_auth_tokens_failing"] == 0
    assert found["flovify_auth_refresh_token_soonest_expiry_seconds"] == pytest.approx(90 * 86400, abs=60)
    await house.owner.execute(
        "UPDATE auth.tenant_tokens SET last_error = '{}', last_refreshed_at = now() - interval '80 days' "
        "WHERE tenant_id = $1", tenant_id
    )  # fmt: skip
    found = await _shown(house)
    assert found["flovify_auth_tokens_failing"] == 1
    assert found["flovify_auth_refresh_token_soonest_expiry_seconds"] == pytest.approx(10 * 86400, abs=60)
    await house.owner.execute("UPDATE auth.tenants SET status = 'reconnect_required'")
    found = await _shown(house)
    assert found["flovify_auth_tokens_failing"] == 0, "that shows as a state of the account"
    assert "flovify_auth_refresh_token_soonest_expiry_seconds" not in found


async def test_every_credential_says_when_it_ends_and_a_registration_that_is_gone_says_nothing(house: House) -> None:
    assert house.deps is not None
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    new = NewRegistration(client_id=str(uuid.uuid4()))
    added = await house.deps.apps.add(new, NewCredential("secret", SecretText("app-canary-1"), ends), "ann")
    name = str(added.registration.id)
    later = NewCredential("secret", SecretText("app-canary-2"), ends + timedelta(days=100))
    await house.deps.apps.rotate(added.registration.id, later, "ann")
    found = await _shown(house)
    longest = f'flovify_auth_app_credential_expires_timestamp_seconds{{registration="{name}"}}'
    assert found[longest] == (ends + timedelta(days=100)).timestamp()
    each = {key: value for key, value in found.items() if "auth_credential_expires" in key and name in key}
    assert set(each.values()) == {ends.timestamp(), (ends + timedelta(days=100)).timestamp()}
    assert all('kind="secret"' in key for key in each)
    await house.owner.execute("DELETE FROM auth.app_registrations WHERE id = $1", added.registration.id)
    assert not [key for key in await _shown(house) if name in key]
