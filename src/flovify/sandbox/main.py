"""The sandbox as a process."""

from __future__ import annotations

from flovify.common.server import Listener, serve
from flovify.sandbox.clouds import Clouds
from flovify.sandbox.limits import sandbox_limits
from flovify.sandbox.seed import seed
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.tls.contexts import client_context, sandbox_folder
from flovify.sandbox.tls.edges import open_edges
from flovify.sandbox.world import create_world


async def run(settings: SandboxSettings) -> None:
    """Serve until told to stop; notifications not yet delivered go on after the next start."""
    world = create_world(settings)
    with world.journal.together():
        seed(world.directory, world.mail, world.clock)
    clouds = Clouds(world)
    try:
        # A receiver on this machine may show a certificate of the sandbox's own CA.
        await clouds.start(client_context(sandbox_folder(settings.flovify_data_dir)))
        async with open_edges(clouds, settings):
            port = settings.flovify_sandbox_port
            listener = Listener(
                clouds,
                settings.flovify_host,
                port,
                "FLOVIFY_SANDBOX_PORT",
                correlated=False,
                limits=sandbox_limits(settings),
            )
            await serve([listener], drain_seconds=3)
    finally:
        await clouds.stop()
