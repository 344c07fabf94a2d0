"""The front door as a process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from starlette.types import ASGIApp

from flovify.bff.app import create_app, create_internal_app
from flovify.bff.deps import BffDeps
from flovify.bff.proxy import webhook
from flovify.bff.proxy.oauth import LINK_PATHS, MAX_LINK_BODY
from flovify.bff.proxy.routes import MAX_BODY
from flovify.bff.session import routes as session
from flovify.bff.settings import BffSettings
from flovify.bff.ui.build import FOLDER, read_build
from flovify.common.listener.limits import BodyRule, Limits, inner_limits
from flovify.common.logs import get_logger
from flovify.common.server import Listener, serve

# Metrics are only asked for.
NO_BODY = BodyRule(1024)


async def run(settings: BffSettings) -> None:
    """Serve until told to stop; auth and api may come and go."""
    stop = asyncio.Event()
    build = read_build()
    if not build.page:
        get_logger().warning("console_not_built", folder=str(FOLDER))
    async with AsyncExitStack() as stack:
        app = create_app(await BffDeps.open(settings, stack, stop), build)
        await serve(listeners(settings, app), stop=stop)


def listeners(settings: BffSettings, app: ASGIApp) -> list[Listener]:
    """The public one, and one that only scrapers reach."""
    host, port = settings.flovify_host, settings.flovify_port
    inner_host, inner_port = settings.flovify_bff_internal_host, settings.flovify_bff_internal_port
    limits = inner_limits(settings.flovify_max_connections, NO_BODY)
    return [
        Listener(app, host, port, "FLOVIFY_PORT", limits=front_limits(settings)),
        Listener(create_internal_app(), inner_host, inner_port, "FLOVIFY_BFF_INTERNAL_PORT", limits=limits),
    ]


def front_limits(settings: BffSettings) -> Limits:
    """Everybody is counted but declared proxies: loopback too, for a tunnel on this machine brings strangers."""
    return Limits(
        body=BodyRule(MAX_BODY),
        by_path={
            webhook.PATH.decode(): BodyRule(webhook.MAX_BODY, webhook.BODY_SECONDS, own=True),
            session.PATH: BodyRule(session.MAX_BODY),
            **{path: BodyRule(MAX_LINK_BODY) for path in LINK_PATHS},
        },
        max_connections=settings.flovify_max_connections,
        max_per_address=settings.flovify_max_connections_per_address,
        exempt=settings.trusted_proxies,
    )
