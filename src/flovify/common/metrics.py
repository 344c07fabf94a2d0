"""Prometheus text exposition of this process's registry; only internal listeners serve it.

Names follow Prometheus' conventions (prometheus.io/docs/practices/naming): base units, `_total` for counters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# Seconds of the webhook's answers. Microsoft delays notices to an endpoint of which more than 10 % of the answers take
# over 3 s within ten minutes, and drops them where more than 15 % take over 10 s
# (graph/change-notifications-delivery-webhooks, 2026-04-22): hence those two limits.
ANSWER_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0, 5.0, 10.0)

Families: TypeAlias = Callable[[], Awaitable[Sequence[Metric]]]


class _Found(CollectorRegistry):
    """What was found a moment ago, as the exposition wants it."""

    def __init__(self, families: Sequence[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families


def metrics_route(families: Families | None = None) -> Route:
    """`/metrics`: what this process counts, and what `families` finds when it is asked."""

    async def metrics(_request: Request) -> Response:
        found = generate_latest(_Found(await families())) if families else b""
        return Response(generate_latest(REGISTRY) + found, media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)
