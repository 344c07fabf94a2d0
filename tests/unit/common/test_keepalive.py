"""An idle connection is given up by our clients before a listener of ours closes it: no request meets a closing one."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
import pytest

from flovify.bff.proxy.upstream import create_upstream_session
from flovify.common.http import create_session
from flovify.common.listener.limits import Limits, inner_limits
from flovify.common.outbound import own_session

SESSIONS: dict[str, Callable[[], aiohttp.ClientSession]] = {
    "any": create_session,
    "own": lambda: own_session("http://localhost:8001"),
    "front door": lambda: create_upstream_session(10),
}


@pytest.mark.parametrize("kind", SESSIONS)
async def test_our_clients_let_go_of_an_idle_connection_first(kind: str) -> None:
    async with SESSIONS[kind]() as session:
        assert session.connector is not None
        kept = session.connector._keepalive_timeout
        assert isinstance(kept, float)
        assert kept + 4 < min(Limits().idle_seconds, inner_limits(10).idle_seconds)
