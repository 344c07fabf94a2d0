"""Who may call the api: a person by role, or a program by the scopes of its key."""

from __future__ import annotations

import uuid
from collections.abc import Set as AbstractSet
from typing import Any

from starlette.requests import Request

from flovify.api.keys.known import ApiKey, KnownKeys
from flovify.api.keys.rules import RULES, Limit, Owned, Rule, is_owned
from flovify.common import api_keys
from flovify.common.db import Pool, load_queries
from flovify.common.errors import Forbidden, NotFound, Unauthorized
from flovify.common.jwt import AccessTokenVerifier, Principal, RequireRole, bearer_token

_QUERIES = load_queries("flovify.api.keys")


class KeyGate:
    """Holds a key to its scopes and accounts."""

    def __init__(self, keys: KnownKeys, pool: Pool) -> None:
        self._keys = keys
        self._pool = pool

    async def admit(self, token: str, request: Request) -> Principal:
        """The program behind the key.

        Raises Unauthorized, Forbidden, NotFound for what is another account's, and AuthUnavailable.
        """
        key = await self._keys.find(token)
        if key is None:
            raise Unauthorized(
                "this API key is unknown, revoked or expired; an administrator makes keys under Settings",
                code="api_key_invalid",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        rule = RULES.get((request.method, request.scope["route"].path))
        _check_scope(key, rule)
        if key.tenant_ids is not None and rule is not None:
            await self._check_accounts(key.tenant_ids, rule.limit, request)
        return Principal(user_id=str(key.id), email=f"API key {key.name}", role="program", session_id="")

    async def _check_accounts(
        self, allowed: AbstractSet[uuid.UUID | None], limit: Limit | None, request: Request
    ) -> None:
        if limit is None:
            raise Forbidden(
                "this API key is for some accounts only, and this call is about all", code="api_key_limited"
            )
        if limit == "anybody":
            return
        if is_owned(limit):
            if await self._owner(limit, request) not in allowed:
                raise NotFound("there is nothing with this id among the accounts of this API key")
        elif await _asked_for(limit, request) not in allowed:
            raise Forbidden(
                "this API key is for some accounts only: name one of them as tenant_id", code="api_key_limited"
            )

    async def _owner(self, kind: Owned, request: Request) -> uuid.UUID | None:
        names = {"message": "message_id", "event": "event_id", "subscription": "subscription_id"}
        given = request.path_params.get(names[kind]) or request.path_params.get("dead_letter_id")
        asked = _uuid(given)
        owner: uuid.UUID | None = await self._pool.fetchval(_QUERIES[kind], asked) if asked else None
        return owner


class RequireRoleOrKey(RequireRole):
    """As RequireRole for people; a program's key needs the route's scope instead of a role."""

    def __init__(self, verifier: AccessTokenVerifier, role: str, gate: KeyGate) -> None:
        super().__init__(verifier, role)
        self._gate = gate

    async def __call__(self, request: Request) -> Principal:
        """Raises Unauthorized (401), Forbidden (403) and NotFound (404)."""
        token = bearer_token(request)
        if api_keys.is_key(token):
            return await self._gate.admit(token, request)
        return await super().__call__(request)


def _check_scope(key: ApiKey, rule: Rule | None) -> None:
    if rule is None:
        raise Forbidden("API keys cannot do this; sign in as a person", code="api_key_not_allowed")
    if rule.scope not in key.scopes:
        raise Forbidden(f"this API key lacks the scope {rule.scope}", code="api_key_scope_missing")


async def _asked_for(limit: Limit, request: Request) -> uuid.UUID | None:
    """The account that a call names."""
    if limit == "query":
        given = request.query_params.getlist("tenant_id")
        return _uuid(given[0]) if len(given) == 1 else None
    if limit == "path":
        return _uuid(request.path_params.get("tenant_id") or request.path_params.get("account_id"))
    try:
        body = await request.json()
    except ValueError:
        return None
    return _uuid(body.get("tenant_id")) if isinstance(body, dict) else None


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
