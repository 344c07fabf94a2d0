"""The sandbox as one ASGI application, the same over HTTP, HTTPS and behind the proxy."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from flovify.common.problems import install_problem_handlers
from flovify.sandbox.control.routes import control_routes
from flovify.sandbox.entra.routes import entra_routes
from flovify.sandbox.faults.middleware import FaultMiddleware
from flovify.sandbox.graph.routes import graph_routes
from flovify.sandbox.world import World


def create_app(world: World) -> Any:
    """Graph under /v1.0, the control routes under /_sandbox, Entra ID elsewhere; faults around all of it."""
    app = Starlette(routes=[*control_routes(world), *graph_routes(world), *entra_routes(world)])
    install_problem_handlers(app)
    return FaultMiddleware(app, world.faults, world.requests, world.clock)
