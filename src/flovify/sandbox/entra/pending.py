"""Requests that are being answered on the pages: what was asked for, and who was picked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import User
from flovify.sandbox.entra.errors import invalid_request

R = TypeVar("R")
FLOW_LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Flow(Generic[R]):
    """The id is in the page's form and works only for this flow."""

    id: str
    request: R
    started_at: datetime
    user_id: str = ""


class PendingFlows(Generic[R]):
    """In memory: a flow is minutes long."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._flows: dict[str, Flow[R]] = {}

    def clear(self) -> None:
        self._flows.clear()

    def begin(self, request: R) -> Flow[R]:
        flow = Flow(secrets.token_urlsafe(24), request, self._clock.now())
        self._flows = {key: one for key, one in self._flows.items() if one.started_at > flow.started_at - FLOW_LIFE}
        self._flows[flow.id] = flow
        return flow

    def find(self, flow_id: str) -> Flow[R]:
        """Raises EntraError for a flow that is unknown or too old."""
        flow = self._flows.get(flow_id)
        if flow is None or flow.started_at < self._clock.now() - FLOW_LIFE:
            raise invalid_request(90014, "The sign-in has expired. Go back to the application and start again.")
        return flow

    def pick(self, flow: Flow[R], user: User) -> Flow[R]:
        self._flows[flow.id] = replace(flow, user_id=user.id)
        return self._flows[flow.id]

    def end(self, flow: Flow[R]) -> None:
        self._flows.pop(flow.id, None)
