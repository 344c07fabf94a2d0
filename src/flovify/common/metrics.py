"""Prometheus text exposition of this process's registry; only internal listeners serve it."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response


async def metrics_endpoint(_request: Request) -> Response:
    """All metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
