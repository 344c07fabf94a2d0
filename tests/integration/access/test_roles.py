"""Every operation that auth and the api describe, asked by everybody: the table says from which role on it is allowed.

A route that is missing here fails: whoever adds one decides who may use it.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from flovify.api.app import admin_app
from flovify.auth.app import create_app
from flovify.auth.users.models import Session, User
from flovify.bff.proxy.table import TABLE
from flovify.common.roles import ROLES
from tests.integration.access.ground import Ground, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANYBODY = """
GET    /auth/.well-known/jwks.json
POST   /auth/invitations/accept
POST   /auth/login
POST   /auth/logout
GET    /auth/oauth/ms365/adminconsent/callback
GET    /auth/oauth/ms365/callback
GET    /auth/oauth/ms365/callback/{cloud}
POST   /auth/oauth/ms365/link
POST   /auth/refresh
GET    /auth/setup
POST   /auth/setup
"""
VIEWER = """
GET    /api/account-statuses
GET    /api/accounts
GET    /api/accounts.csv
GET    /api/accounts/{account_id}
GET    /api/coverage/gaps
GET    /api/events
GET    /api/events/{event_id}
GET    /api/events/{event_id}/trace
GET    /api/message-summaries
GET    /api/messages
GET    /api/messages/{message_id}
GET    /api/messages/{message_id}/attachments/{attachment_id}
GET    /api/messages/{message_id}/body
GET    /api/messages/{message_id}/raw
GET    /api/messages/{message_id}/trace
GET    /api/ms365/subscriptions
GET    /api/ms365/subscriptions/{subscription_id}
GET    /api/ms365/subscriptions/{subscription_id}/timeline
GET    /api/overview
GET    /api/removals
GET    /api/sandbox
GET    /api/stream
GET    /auth/error-words
GET    /auth/error-words/{code}
GET    /auth/me
POST   /auth/me/password
GET    /auth/organizations
GET    /auth/organizations/{organization_id}
GET    /auth/sessions
DELETE /auth/sessions/{session_id}
GET    /auth/tenants
GET    /auth/tenants/{tenant_id}
GET    /auth/tenants/{tenant_id}/token-events
"""
OPERATOR = """
GET    /api/dead-letter-groups
GET    /api/dead-letters
POST   /api/dead-letters/discard
GET    /api/dead-letters/discarded
POST   /api/dead-letters/restore
GET    /api/dead-letters/{dead_letter_id}
POST   /api/dead-letters/{dead_letter_id}/replay
POST   /api/ms365/subscriptions/renew
POST   /api/ms365/subscriptions/{subscription_id}/recreate
POST   /api/ms365/subscriptions/{subscription_id}/renew
GET    /api/replays
POST   /api/replays
POST   /api/replays/preview
GET    /api/replays/{replay_id}
POST   /api/replays/{replay_id}/cancel
GET    /api/replays/{replay_id}/items
POST   /api/replays/{replay_id}/pause
POST   /api/replays/{replay_id}/resume
POST   /api/sandbox/breakages
DELETE /api/sandbox/breakages/{breakage_id}
POST   /api/sandbox/messages
GET    /api/system
POST   /api/system/check-webhook
POST   /api/tenants/{tenant_id}/sync
POST   /api/tenants/{tenant_id}/test
GET    /auth/system
"""
ADMINISTRATOR = """
GET    /api/audit
GET    /api/audit.csv
POST   /api/ms365/subscriptions
DELETE /api/ms365/subscriptions/{subscription_id}
DELETE /api/tenants/{tenant_id}/messages
GET    /auth/api-keys
POST   /auth/api-keys
DELETE /auth/api-keys/{key_id}
GET    /auth/apps
POST   /auth/apps
DELETE /auth/apps/{registration_id}
GET    /auth/apps/{registration_id}
PATCH  /auth/apps/{registration_id}
POST   /auth/apps/{registration_id}/credentials
DELETE /auth/apps/{registration_id}/credentials/{credential_id}
GET    /auth/audit
GET    /auth/audit.csv
GET    /auth/connect-links
POST   /auth/connect-links
DELETE /auth/connect-links/{link_id}
GET    /auth/oauth/ms365/adminconsent
GET    /auth/oauth/ms365/authorize
POST   /auth/organizations
DELETE /auth/organizations/{organization_id}
POST   /auth/organizations/{organization_id}/check
GET    /auth/organizations/{organization_id}/mailboxes
POST   /auth/organizations/{organization_id}/tenants
DELETE /auth/tenants/{tenant_id}
POST   /auth/tenants/{tenant_id}/refresh
GET    /auth/users
POST   /auth/users
DELETE /auth/users/{user_id}
PATCH  /auth/users/{user_id}
POST   /auth/users/{user_id}/invitation
"""
Operation = tuple[str, str]


def _rows(text: str) -> list[Operation]:
    return [(method, path) for method, path in (line.split() for line in text.split("\n") if line)]


# 0 for anybody, else one more than the role's rank.
NEEDED = {row: need for need, text in enumerate((ANYBODY, VIEWER, OPERATOR, ADMINISTRATOR)) for row in _rows(text)}


@dataclass(frozen=True)
class Caller:
    """`at` says, by service, what the caller's role is worth: as NEEDED, and -1 for whoever is not signed in."""

    headers: dict[str, str]
    at: dict[str, int]

    def fits(self, operation: Operation, status: int) -> bool:
        """Whether this is the answer to be given to this caller."""
        need, worth = NEEDED[operation], self.at[operation[1].split("/")[1]]
        if need == 0 or worth >= need:
            return status not in (401, 403) and status < 500
        return status == (401 if worth < 0 else 403)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callers(ground: Ground) -> dict[str, Caller]:
    people = {role: await ground.join(role) for role in ROLES}
    found = {name: _caller(person.headers, ROLES.index(name) + 1) for name, person in people.items()}
    ended = await ground.join("administrator")
    await ground.as_admin("DELETE", f"/auth/sessions/{ended.session_id}")
    await ground.refused(ended)
    found |= {"nobody": _caller({}, -1), "ended": _caller(ended.headers, -1)}
    # auth goes by the role its own table has; the api has the token's word only.
    odd = await _with_role(ground, await ground.join("viewer"), "owner")
    return {**found, "no such role": Caller(odd.headers, {"auth": 1, "api": 0})}


@pytest.mark.parametrize("service", ["auth", "api"])
@pytest.mark.parametrize("name", ["nobody", *ROLES, "no such role", "ended"])
async def test_whoever_asks_gets_what_his_role_allows(
    ground: Ground, callers: dict[str, Caller], name: str, service: str
) -> None:
    caller, operations = callers[name], [one for one in NEEDED if one[1].startswith(f"/{service}/")]
    limit = asyncio.Semaphore(8)

    async def ask(operation: Operation) -> int:
        async with limit:
            return await _status(ground, operation, caller.headers)

    answers = dict(zip(operations, await asyncio.gather(*map(ask, operations)), strict=True))
    assert {one: status for one, status in answers.items() if not caller.fits(one, status)} == {}


async def test_every_operation_has_its_role_and_each_only_one(ground: Ground) -> None:
    described = {one for document in _documents(ground).values() for one in _operations(document)}
    assert {"undecided": described - set(NEEDED), "gone": set(NEEDED) - described} == {
        "undecided": set(),
        "gone": set(),
    }
    assert len(NEEDED) == sum(len(_rows(text)) for text in (ANYBODY, VIEWER, OPERATOR, ADMINISTRATOR))


async def test_every_way_through_the_front_door_leads_to_an_operation(ground: Ground) -> None:
    documents = {name: _nameless(_operations(document)) for name, document in _documents(ground).items()}
    ways = [(way.service, operation) for way in TABLE for operation in _nameless([(way.method, way.path)])]
    assert [(service, operation) for service, operation in ways if operation not in documents[service]] == []
    # What is open to anybody behind the door must be open at the door, and nothing else.
    public = _nameless(operation for operation, need in NEEDED.items() if need == 0)
    assert [way.path for way in TABLE if way.public != (_nameless([(way.method, way.path)]) <= public)] == []


async def _status(ground: Ground, operation: Operation, headers: dict[str, str]) -> int:
    method, path = operation
    base = ground.house.public if path.startswith("/auth/") else ground.api_url
    url = base + re.sub(r"{\w+}", lambda _: str(uuid.uuid4()), path)
    given: dict[str, Any] = {} if method == "GET" else {"json": {}}
    async with ground.http.request(method, url, headers=headers, allow_redirects=False, **given) as answer:
        return answer.status


def _caller(headers: dict[str, str], worth: int) -> Caller:
    return Caller(headers, {"auth": worth, "api": worth})


async def _with_role(ground: Ground, person: Person, role: str) -> Person:
    """The person with a token, rightly signed, that names another role."""
    assert ground.house.deps is not None
    user = User(uuid.UUID(person.id), person.email, role)
    session = Session(uuid.UUID(person.session_id), user, datetime.now(UTC))
    return replace(person, bearer=(await ground.house.deps.signer.access_token(session))[0])


def _documents(ground: Ground) -> dict[str, dict[str, Any]]:
    assert ground.house.deps is not None
    return {"auth": create_app(ground.house.deps).openapi(), "api": admin_app(ground.api).openapi()}


def _operations(document: dict[str, Any]) -> list[Operation]:
    return [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


def _nameless(operations: Any) -> set[Operation]:
    return {(method, re.sub(r"{\w+}", "{}", path)) for method, path in operations}
