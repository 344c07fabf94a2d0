"""One Graph call from token to answer; HTTP requests and batch items both come through here."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from flovify.common.logs import get_logger
from flovify.sandbox.graph.access import acting_in, caller_of, mailbox_user
from flovify.sandbox.graph.context import Call, GraphParts, MailboxCall
from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.routing import Target, route

# Calls that come in together must be seen together, or the limit on concurrency would never be met here.
SERVICE_SECONDS = 0.001


class GraphService:
    """Answers calls; every refusal, ours included, is an answer in Graph's shape."""

    def __init__(self, parts: GraphParts) -> None:
        self.parts = parts

    async def answer(self, request: GraphRequest) -> GraphResponse:
        """Never raises, cancellation aside."""
        try:
            response = await self._answer(request)
        except GraphError as error:
            return self._refusal(request, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours is a 500 of Graph's, with its cause in the log
            get_logger().error("graph_call_failed", method=request.method, path=request.path, exc_info=error)
            return self._refusal(request, GraphError(500, "generalException", "An internal error occurred."))
        applied = _preference_applied(request)
        return replace(response, headers={**response.headers, "Preference-Applied": applied}) if applied else response

    def _refusal(self, request: GraphRequest, error: GraphError) -> GraphResponse:
        inner = request.inner_error(self.parts.clock.now())
        return GraphResponse(error.status, error.body(inner), headers=error.headers, content_type="application/json")

    async def _answer(self, request: GraphRequest) -> GraphResponse:
        caller = caller_of(request, self.parts.directory)
        target = route(request.method, request.segments)
        if isinstance(target, Target):
            return await target.handler(Call(self.parts, caller, request, target.ids))
        user = mailbox_user(caller, target.user, self.parts.directory)
        with self.parts.throttle.mailbox(caller.client_id, user.id):
            await asyncio.sleep(SERVICE_SECONDS)
            return await target.handler(MailboxCall(self.parts, acting_in(caller, user), request, target.ids, user))


def _preference_applied(request: GraphRequest) -> str:
    """Which of the Prefer values were followed (G21: message-get.md, Prefer headers)."""
    wanted = request.preferences
    applied = []
    body_type = wanted.get("outlook.body-content-type", "").lower()
    if body_type in ("text", "html"):
        applied.append(f'outlook.body-content-type="{body_type}"')
    if request.immutable_ids:
        applied.append('IdType="ImmutableId"')
    return ", ".join(applied)
