"""The routes of the console's own pages. Apart from the services, which the worker has too: it serves none of these."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from flovify.api.console import Console
from flovify.api.dead_letters.routes import build_router as dead_letter_router
from flovify.api.live.routes import create_router as live_router
from flovify.api.messages.bodies.routes import create_router as body_router
from flovify.api.messages.removal.routes import create_router as removal_router
from flovify.api.messages.summaries.routes import create_router as summary_router
from flovify.api.messages.traces.routes import create_router as trace_router
from flovify.api.replays.routes import create_router as replay_router
from flovify.api.sync.routes import create_router as sync_router
from flovify.common.jwt import RequireRole


def console_routers(
    console: Console, *, viewer: RequireRole, operator: RequireRole, administrator: RequireRole
) -> Sequence[APIRouter]:
    """The routes, each with the role it needs."""
    return (
        summary_router(console.summaries, viewer),
        body_router(console.bodies, viewer),
        trace_router(console.traces, viewer),
        removal_router(console.removal, viewer, administrator),
        dead_letter_router(console.dead_letters, operator),
        replay_router(console.replays, operator),
        sync_router(console.sync, operator),
        live_router(console.hub, console.revoked, viewer),
    )
