"""Calls on subscriptions (graph/api/subscription-{post-subscriptions,list,get,update,reauthorize,delete})."""

from __future__ import annotations

from typing import Any

from flovify.sandbox.graph.access import require
from flovify.sandbox.graph.context import Call
from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.graph.exchange import GraphResponse
from flovify.sandbox.subscriptions.models import Subscription, subscription_json
from flovify.sandbox.subscriptions.rules import not_understood

# Write permissions alone do not do where read is needed (graph/api/subscription-post-subscriptions, permissions).
_DELEGATED = frozenset({"mail.readbasic", "mail.read"})
_APP_ONLY = frozenset({"mail.read"})


def _permitted(call: Call, kind: str) -> None:
    call.parts.throttle.subscriptions(call.caller.client_id, call.caller.tenant_id, kind)
    require(call.caller, _APP_ONLY if call.caller.app_only else _DELEGATED)


def _entity(call: Call, subscription: Subscription) -> dict[str, Any]:
    context = f"{call.request.base}/$metadata#subscriptions/$entity"
    return {"@odata.context": context, **subscription_json(subscription)}


async def create_subscription(call: Call) -> GraphResponse:
    """Answers 201 after the endpoints have proved themselves, while the caller waits."""
    _permitted(call, "write")
    try:
        body = call.request.json()
    except GraphError:
        raise not_understood() from None
    subscription = await call.parts.subscriptions.create(call.caller, body, immutable_ids=call.immutable)
    location = f"{call.request.base}/subscriptions/{subscription.id}"
    return GraphResponse(201, _entity(call, subscription), headers={"Location": location})


async def list_subscriptions(call: Call) -> GraphResponse:
    _permitted(call, "list")
    value = [subscription_json(one, with_client_state=False) for one in call.parts.subscriptions.listed(call.caller)]
    return GraphResponse(200, {"@odata.context": f"{call.request.base}/$metadata#subscriptions", "value": value})


async def get_subscription(call: Call) -> GraphResponse:
    _permitted(call, "read")
    return GraphResponse(200, _entity(call, call.parts.subscriptions.get(call.caller, call.ids["subscription"])))


async def update_subscription(call: Call) -> GraphResponse:
    _permitted(call, "write")
    body = call.request.json()
    subscription = await call.parts.subscriptions.update(call.caller, call.ids["subscription"], body)
    return GraphResponse(200, _entity(call, subscription))


async def delete_subscription(call: Call) -> GraphResponse:
    _permitted(call, "write")
    call.parts.subscriptions.delete(call.caller, call.ids["subscription"])
    return GraphResponse(204)


async def reauthorize_subscription(call: Call) -> GraphResponse:
    """The expiry stays as it is."""
    _permitted(call, "write")
    call.parts.subscriptions.get(call.caller, call.ids["subscription"])
    return GraphResponse(204)
