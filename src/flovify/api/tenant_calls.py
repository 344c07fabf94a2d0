"""A call to a provider in a tenant's name, with the one token refresh that a 401 is worth."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.providers.errors import ProviderUnauthorized

T = TypeVar("T")


async def call_as_tenant(auth: AuthClient, tenant_id: uuid.UUID, call: Callable[[TenantToken], Awaitable[T]]) -> T:
    """What `call` gives with a token of the tenant; after a 401 it is called once more with a new token.

    Raises what `call` and `AuthClient.request_tenant_token` raise; a second 401 stays a ProviderUnauthorized.
    """
    token = await auth.request_tenant_token(tenant_id)
    try:
        return await call(token)
    except ProviderUnauthorized:
        fresh = await auth.request_tenant_token(tenant_id, rejected_token=token.access_token)
        return await call(fresh)
