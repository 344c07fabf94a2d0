"""App registrations: kept and rotated over HTTP, and what happens when Microsoft refuses their credentials."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.tokens.models import APP
from flovify.auth.tokens.refresh_task import refresh_due_tokens
from tests.integration.auth.fake_entra import CLIENT_ID, CLIENT_SECRET, TENANT, Person, oauth_error
from tests.integration.auth.house import House, Reply
from tests.support.certificates import make_certificate

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW_SECRET = "second-secret-canary-9Lm2"
OTHER_CLIENT = "5b1f0c9e-3d1a-4e0b-9a57-0c6a3d7e2f11"


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def only_the_environment_s(house: House) -> None:
    """Registrations as after the first start."""
    await house.owner.execute("DELETE FROM auth.app_credentials WHERE source = 'stored'")
    await house.owner.execute("DELETE FROM auth.app_registrations WHERE source = 'stored'")
    await house.owner.execute("UPDATE auth.app_credentials SET retired_at = NULL, refused = NULL, refused_at = NULL")
    await house.owner.execute("UPDATE auth.app_registrations SET is_default = true, last_error = NULL")


async def _call(house: House, method: str, path: str = "", **options: Any) -> Reply:
    return await house.call(method, f"{house.public}/auth/apps{path}", headers=await house.admin(), **options)


async def _default(house: House) -> dict[str, Any]:
    found: list[dict[str, Any]] = (await _call(house, "GET")).body["items"]
    return next(one for one in found if one["is_default"])


async def _rotate(house: House, registration_id: str, **body: Any) -> Reply:
    given = {"kind": "secret", "secret": NEW_SECRET, **body}
    return await _call(house, "POST", f"/{registration_id}/credentials", json=given)


async def test_the_environment_s_registration_is_the_default_and_says_where_people_come_back_to(house: House) -> None:
    one = await _default(house)
    assert (one["client_id"], one["source"], one["cloud"]) == (CLIENT_ID, "environment", "global")
    assert one["redirect_uris"] == [
        "http://localhost:8000/auth/oauth/ms365/callback",
        "http://localhost:8000/auth/oauth/ms365/adminconsent/callback",
    ]
    assert [credential["source"] for credential in one["credentials"]] == ["environment"]
    assert (one["warning"], one["expires_in_days"], one["last_error"]) == ("ok", None, None)
    tenant_id = await house.connect()
    assert (await house.row(tenant_id))["registration_id"] == UUID(one["id"])
    assert (await _default(house))["tenants"] == 1


async def test_a_registration_is_added_with_a_secret_that_is_never_read_back(house: House) -> None:
    body = {
        "client_id": OTHER_CLIENT.upper(),
        "cloud": "usgov",
        "authority_tenant": TENANT,
        "display_name": "Agency",
        "credential": {"kind": "secret", "secret": NEW_SECRET, "expires_at": _in_days(30)},
    }
    added = await _call(house, "POST", json=body)
    assert added.status == 201, added.text
    assert (added.body["client_id"], added.body["is_default"]) == (OTHER_CLIENT, False)
    assert (added.body["warning"], added.body["expires_in_days"]) == ("expiring", 29)
    assert added.body["redirect_uris"][0].endswith("/callback/usgov")
    assert (await _call(house, "POST", json=body)).code == "registration_exists"
    shown = await _call(house, "GET", f"/{added.body['id']}")
    listed = await _call(house, "GET")
    rows = await house.owner.fetch("SELECT row_to_json(c)::text FROM auth.app_credentials AS c")
    audit = await house.owner.fetch("SELECT details::text FROM auth.audit_log WHERE action = 'registration.added'")
    for text in (added.text, shown.text, listed.text, *map(str, rows), *map(str, audit)):
        assert "canary" not in text
    assert len(audit) == 1
    assert (await _call(house, "DELETE", f"/{added.body['id']}")).status == 204
    assert (await _call(house, "GET", f"/{added.body['id']}")).code == "registration_not_found"
    owned = await house.owner.fetchval("SELECT count(*) FROM auth.data_keys WHERE owner_id = $1", added.body["id"])
    assert owned == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"client_id": "common/../x"}, "invalid_request"),
        ({"client_id": OTHER_CLIENT, "cloud": "mars"}, "invalid_request"),
        ({"client_id": OTHER_CLIENT, "authority_tenant": "evil.com#"}, "invalid_request"),
        ({"client_id": OTHER_CLIENT, "surprise": 1}, "invalid_request"),
        ({"client_id": OTHER_CLIENT, "credential": {"kind": "secret", "secret": str(uuid4())}}, "credential_invalid"),
        ({"client_id": OTHER_CLIENT, "credential": {"kind": "password"}}, "invalid_request"),
        (
            {
                "client_id": OTHER_CLIENT,
                "credential": {"kind": "certificate", "certificate_pem": "canary", "private_key_pem": "canary"},
            },
            "credential_invalid",
        ),
    ],
)
async def test_bad_registrations_are_refused_and_leave_nothing(house: House, body: dict[str, Any], code: str) -> None:
    answer = await _call(house, "POST", json=body)
    assert (answer.status, answer.code) == (422, code)
    assert "canary" not in answer.text
    assert await house.owner.fetchval("SELECT count(*) FROM auth.app_registrations") == 1


async def test_only_administrators_see_registrations(house: House) -> None:
    url = f"{house.public}/auth/apps"
    assert (await house.call("GET", url)).status == 401
    bearer = await house.admin()
    await house.owner.execute("UPDATE auth.users SET role = 'operator'")
    assert (await house.call("GET", url, headers=bearer)).status == 403


async def test_of_three_credentials_two_stay_and_the_environment_s_rests(house: House) -> None:
    registration = await _default(house)
    first = (await _rotate(house, registration["id"], secret="first-canary")).body["credentials"][0]["id"]
    second = (await _rotate(house, registration["id"], secret="second-canary")).body["credentials"]
    assert len(second) == 2
    assert second[1]["id"] == first
    resting = await house.owner.fetchval("SELECT retired_at FROM auth.app_credentials WHERE source = 'environment'")
    assert resting is not None
    third = (await _rotate(house, registration["id"], secret="third-canary")).body["credentials"]
    assert first not in {one["id"] for one in third}
    assert len(third) == 2
    removed = await _call(house, "DELETE", f"/{registration['id']}/credentials/{third[1]['id']}")
    assert removed.status == 204
    again = await _call(house, "DELETE", f"/{registration['id']}/credentials/{third[1]['id']}")
    assert again.code == "credential_not_found"
    assert (await _rotate(house, str(uuid4()))).code == "registration_not_found"


async def test_a_secret_that_expires_in_use_is_one_error_and_is_mended_by_a_rotation(house: House) -> None:
    tenants = [await house.connect()]
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000002")
    tenants.append(await house.connect())
    for tenant_id in tenants:
        await house.expire(tenant_id)
    house.entra.secrets = {NEW_SECRET}
    registration = await _default(house)
    for tenant_id in tenants * 3:
        answer = await house.token(tenant_id)
        assert (answer.status, answer.code) == (503, "app_credential_invalid")
        assert answer.body["registration_id"] == registration["id"]
    assert len(house.entra.refreshes) == 1
    assert {(await house.row(tenant_id))["status"] for tenant_id in tenants} == {"active"}
    broken = await _default(house)
    assert broken["last_error"]["error"] == "invalid_client"
    assert broken["credentials"][0]["refused"]["aadsts"] == 7000215
    assert (await _rotate(house, registration["id"])).status == 201
    assert [(await house.token(tenant_id)).status for tenant_id in tenants] == [200, 200]
    mended = await _default(house)
    assert mended["last_error"] is None
    assert mended["credentials"][0]["refused"] is None


async def test_a_rotation_by_another_process_ends_the_pause(house: House) -> None:
    assert house.deps is not None
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    house.entra.secrets = {NEW_SECRET}
    assert (await house.token(tenant_id)).status == 503
    pauses = house.deps.tokens.pauses
    held = await house.row(tenant_id)
    assert await pauses.holds(held["registration_id"], "")
    await _rotate(house, str(held["registration_id"]))
    assert not await pauses.holds(held["registration_id"], "")
    assert (await house.row(tenant_id))["refresh_blocked_until"] is None


async def test_the_other_credential_is_tried_once(house: House) -> None:
    tenant_id = await house.connect()
    registration = await _default(house)
    await _rotate(house, registration["id"], secret="not-yet-known-at-microsoft")
    await house.expire(tenant_id)
    assert (await house.token(tenant_id)).status == 200
    assert [call["client_secret"] for call in house.entra.refreshes] == ["not-yet-known-at-microsoft", CLIENT_SECRET]
    found = await _default(house)
    assert found["last_error"] is None
    assert [one["refused"] is not None for one in found["credentials"]] == [True, False]


async def test_only_a_refused_credential_lets_the_other_be_tried(house: House) -> None:
    tenant_id = await house.connect()
    await _rotate(house, (await _default(house))["id"])
    await house.expire(tenant_id)
    house.entra.script.append(oauth_error("invalid_scope"))
    assert (await house.token(tenant_id)).status == 503
    assert len(house.entra.refreshes) == 1


async def test_one_organisation_s_refusal_is_not_another_s(house: House) -> None:
    assert house.deps is not None
    first = await house.connect()
    house.entra.person = Person(tenant_id="11111111-0000-4000-8000-000000000001")
    second = await house.connect()
    await house.expire(first)
    await house.expire(second)
    house.entra.script.append(oauth_error("unauthorized_client", 700016))
    refused = await house.token(first)
    assert (refused.code, refused.body["organization"]) == ("app_credential_invalid", TENANT)
    assert (await house.token(second)).status == 200
    assert (await _default(house))["last_error"] is None
    await house.expire(first)
    await house.expire(second, 60)
    generation = (await house.row(second))["generation"]
    await refresh_due_tokens(house.deps.tokens)
    assert (await house.row(second))["generation"] == generation + 1  # the hourly run goes on past the one refused


async def test_a_certificate_signs_and_no_secret_is_sent(house: House) -> None:
    tenant_id = await house.connect()
    registration = await _default(house)
    made = make_certificate(days=40)
    body = {"kind": "certificate", "certificate_pem": made.certificate_pem, "private_key_pem": made.key_pem}
    answer = await _rotate(house, registration["id"], secret="", **body)
    assert answer.status == 201, answer.text
    credential = answer.body["credentials"][0]
    assert (credential["subject"], credential["expires_in_days"]) == ("CN=flovify test 0", 39)
    assert "PRIVATE KEY" not in answer.text
    house.entra.certificates, house.entra.secrets = [made.certificate], set()
    for _ in range(2):
        await house.expire(tenant_id)
        assert (await house.token(tenant_id)).status == 200
    assert "client_secret" not in json.dumps(house.entra.refreshes)


async def test_mailboxes_of_one_organisation_share_the_application_s_token(house: House) -> None:
    assert house.deps is not None
    tenants = await _connect_app_mailboxes(house, 3)
    rows = [await house.row(tenant_id) for tenant_id in tenants]
    assert {(row["token_type"], row["encrypted_refresh_token"]) for row in rows} == {("app", None)}
    for tenant_id in tenants:
        await house.expire(tenant_id)
    before = len(house.entra.app_calls)
    house.deps.tokens.app_tokens.forget()
    answers = await asyncio.gather(*(house.token(tenant_id) for tenant_id in tenants * 5))
    assert {answer.status for answer in answers} == {200}
    assert {answer.body["token_type"] for answer in answers} == {"app"}
    assert len({answer.body["access_token"] for answer in answers}) == 1
    assert len(house.entra.app_calls) - before == 1
    refused = hashlib.sha256(answers[0].body["access_token"].encode()).hexdigest()
    fresh = await house.token(tenants[0], rejected_token_sha256=refused)
    assert fresh.body["access_token"] != answers[0].body["access_token"]
    for tenant_id in tenants:
        await house.expire(tenant_id, 300)
    await refresh_due_tokens(house.deps.tokens)
    assert len(house.entra.app_calls) - before == 2


async def test_consent_taken_back_while_in_use_is_an_error_and_flags_nobody(house: House) -> None:
    assert house.deps is not None
    [tenant_id] = await _connect_app_mailboxes(house, 1)
    await house.expire(tenant_id)
    house.entra.consented.clear()
    house.deps.tokens.app_tokens.forget()
    answer = await house.token(tenant_id)
    assert (answer.status, answer.code) == (503, "app_credential_invalid")
    assert (await house.row(tenant_id))["status"] == "active"
    house.entra.consented.add(TENANT)
    house.deps.tokens.pauses.clear()
    await house.expire(tenant_id)
    assert (await house.token(tenant_id)).status == 200


async def test_an_account_is_connected_in_one_way_at_a_time(house: House) -> None:
    person = Person()
    delegated = await house.connect()
    app = await _connect_app(house, person.object_id)
    assert app == delegated
    assert [row["token_type"] for row in await house.owner.fetch("SELECT token_type FROM auth.tenant_tokens")] == [
        "app"
    ]
    assert await house.connect() == delegated
    assert (await house.row(delegated))["token_type"] == "delegated"


async def test_a_registration_in_use_is_removed_only_by_force(house: House) -> None:
    environment = await _default(house)
    assert (await _call(house, "DELETE", f"/{environment['id']}?force=true")).code == "registration_in_use"
    body = {"client_id": OTHER_CLIENT, "credential": {"kind": "secret", "secret": CLIENT_SECRET}}
    other = (await _call(house, "POST", json=body)).body
    tenant_id = await _connect_app(house, str(uuid4()), other["id"])
    made = await _call(house, "PATCH", f"/{other['id']}", json={"is_default": True, "display_name": "Other"})
    assert (made.body["is_default"], made.body["display_name"]) == (True, "Other")
    assert (await _call(house, "DELETE", f"/{other['id']}?force=true")).code == "registration_in_use"
    await _call(house, "PATCH", f"/{environment['id']}", json={"is_default": True})
    refused = await _call(house, "DELETE", f"/{other['id']}")
    assert (refused.status, refused.code, refused.body["tenants"]) == (409, "registration_in_use", 1)
    assert (await house.token(tenant_id)).body["registration_id"] == other["id"]
    assert (await _call(house, "DELETE", f"/{other['id']}?force=true")).status == 204
    row = await house.row(tenant_id)
    assert (row["status"], json.loads(row["status_reason"])["kind"]) == ("reconnect_required", "registration_removed")


async def _connect_app_mailboxes(house: House, count: int) -> list[str]:
    return [await _connect_app(house, str(uuid4())) for _ in range(count)]


async def _connect_app(house: House, object_id: str, registration_id: str | None = None) -> str:
    """What connecting a mailbox by application permissions comes down to."""
    assert house.deps is not None
    registration: Registration = await house.deps.apps.resolve(UUID(registration_id) if registration_id else None)
    answer = await house.deps.tokens.app_tokens.get(registration, TENANT, seconds=300)
    identity = Identity(TENANT, object_id, "shared@contoso.example", "Shared")
    tenant = await house.deps.tenants.connect(registration, identity, answer, None, "test", APP)
    return str(tenant.id)


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
