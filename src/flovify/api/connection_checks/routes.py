"""`POST /api/tenants/{id}/test`: a connection tried out, told line by line while it happens."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from flovify.api.connection_checks.service import ConnectionChecks, RunningCheck
from flovify.common.jwt import RequireRole
from flovify.common.service_tokens import ServiceTokenGuard

MEDIA_TYPE = "application/x-ndjson"
_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "One JSON object a line.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    409: {"description": "`connection_check_running`: this connection is being tested already."},
}


class CheckResponse(StreamingResponse):
    """Streams a check, and tells it when nobody listens any more."""

    def __init__(self, running: RunningCheck) -> None:
        # A proxy that buffers would make the steps arrive all at once.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_lines(running), media_type=MEDIA_TYPE, headers=headers)
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._running.leave()


def create_router(checks: ConnectionChecks, operator: RequireRole) -> APIRouter:
    """The route for people; it needs the role operator."""
    router = APIRouter(prefix="/api/tenants", tags=["connections"], dependencies=[Depends(operator)])

    @router.post("/{tenant_id}/test", summary="Test a connection", response_class=Response, responses=_LINES)
    async def test_connection(tenant_id: uuid.UUID) -> Response:
        """Try a connected account out: token, mailbox, subscription, webhook, notification.

        Each line is `{"step", "status": "ok"|"failed"|"skipped", "ms", "code", "words", "details"}`, the last one
        `{"done": true, "ok": …}`. What the test makes at Microsoft it removes, also when the caller goes away. The
        draft that provokes the notification is announced to the account's own subscriptions too.
        """
        return CheckResponse(await checks.begin(tenant_id))

    return router


def create_internal_router(checks: ConnectionChecks, guard: ServiceTokenGuard) -> APIRouter:
    """The same for services and the operator's scripts."""
    router = APIRouter(prefix="/api/internal/tenants", tags=["internal"], dependencies=[Depends(guard)])

    @router.post("/{tenant_id}/test", response_class=Response)
    async def test_connection(tenant_id: uuid.UUID) -> Response:
        return CheckResponse(await checks.begin(tenant_id))

    return router


async def _lines(running: RunningCheck) -> AsyncIterator[bytes]:
    async for line in running.lines():
        yield msgspec.json.encode(line) + b"\n"
