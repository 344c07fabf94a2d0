"""Subscriptions at Graph: what is asked for, and stepping down when Graph gives less."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flovify.api.errors import WebhookValidationFailed
from flovify.api.graph.client import GraphClient
from flovify.api.graph.errors import GraphBadRequest, GraphError, GraphExpirationTooFar, GraphValidationFailed
from flovify.api.graph.models import GraphSubscription
from flovify.api.graph.problems import to_problem
from flovify.api.graph.times import format_time
from flovify.api.subscriptions.lifetime import steps
from flovify.api.subscriptions.models import Subscription
from flovify.common.clock import Clock
from flovify.common.errors import FlovifyError

Ask = Callable[[datetime], Awaitable[GraphSubscription]]


class SubscriptionProvider:
    """Create and renew with the longest life Graph gives. Methods raise GraphError."""

    def __init__(self, graph: GraphClient, clock: Clock) -> None:
        self.graph = graph
        self._clock = clock

    async def create(self, token: str, row: Subscription, lifecycle_url: str, client_state: str) -> GraphSubscription:
        """Make the subscription of `row` at Graph, which calls both URLs before it answers."""

        async def ask(expires_at: datetime) -> GraphSubscription:
            body = {
                "changeType": ",".join(row.change_types),
                "notificationUrl": row.notification_url,
                "lifecycleNotificationUrl": lifecycle_url,
                "resource": row.resource,
                "expirationDateTime": format_time(expires_at),
                "clientState": client_state,
                "latestSupportedTlsVersion": "v1_2",
            }
            return await self.graph.create_subscription(token, body)

        return await self._longest(ask)

    async def renew(self, token: str, subscription_id: str) -> GraphSubscription:
        """Move the expiry as far as Graph allows, which also reauthorizes. GraphNotFound: it is gone."""

        async def ask(expires_at: datetime) -> GraphSubscription:
            return await self.graph.renew_subscription(token, subscription_id, expires_at)

        return await self._longest(ask)

    async def _longest(self, ask: Ask) -> GraphSubscription:
        """`ask` for ever shorter lives until Graph takes one."""
        wanted = list(steps())
        while True:
            minutes = wanted.pop(0)
            try:
                return await ask(self._clock.now() + timedelta(minutes=minutes))
            except GraphBadRequest as error:
                if not _too_far(error):
                    raise
                if error.max_minutes is not None:
                    wanted = [step for step in steps(error.max_minutes) if step < minutes]
                if not wanted:
                    raise


def creation_problem(error: GraphError, row: Subscription, lifecycle_url: str) -> FlovifyError:
    """What the administrator is told when Graph does not make the subscription."""
    if not isinstance(error, GraphValidationFailed):
        return to_problem(error)
    urls = list(dict.fromkeys((row.notification_url, lifecycle_url)))
    mark = "&" if "?" in urls[0] else "?"
    return WebhookValidationFailed(
        f'Microsoft could not verify the webhook at {" and ".join(urls)}: "{error.message[:300]}". That address must '
        "be reachable from the internet by HTTPS with a public authority's certificate, and answer within 10 seconds. "
        f"Check from another network: curl -i -X POST '{urls[0]}{mark}validationToken=hello' must give 200, text/plain "
        "and exactly: hello. The address is the setting MS365_WEBHOOK_URL (and MS365_LIFECYCLE_URL).",
        extra={"urls": urls, "graph_request_id": error.request_id},
    )


def _too_far(error: GraphBadRequest) -> bool:
    """400 ErrorInvalidParameter is what Outlook says since 2026; here only the expiry can be meant by it."""
    return isinstance(error, GraphExpirationTooFar) or error.code.lower() == "errorinvalidparameter"
