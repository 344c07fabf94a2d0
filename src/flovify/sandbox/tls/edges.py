"""Everything of the sandbox that is not plain HTTP: HTTPS, the CONNECT proxy and SMTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from flovify.common.logs import get_logger
from flovify.common.server import bind
from flovify.sandbox.clouds import Clouds
from flovify.sandbox.limits import sandbox_limits
from flovify.sandbox.proxy.connect import open_proxy
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.smtp.server import open_smtp
from flovify.sandbox.tls.ca import CA_FILE
from flovify.sandbox.tls.contexts import sandbox_folder, server_context
from flovify.sandbox.tls.https import open_https
from flovify.sandbox.tls.ports import reachable


@asynccontextmanager
async def open_edges(clouds: Clouds, settings: SandboxSettings) -> AsyncIterator[None]:
    """Serve the clouds over HTTPS and through the proxy, and take their mail by SMTP, until the block ends.

    Keeps its CA in `<FLOVIFY_DATA_DIR>/sandbox/ca.pem`. Raises SettingError, naming the setting, when a port is taken
    or the folder cannot be written; nothing is left open then.
    """
    host = settings.flovify_host
    folder = sandbox_folder(settings.flovify_data_dir)
    context = server_context(folder)
    async with AsyncExitStack() as stack:
        sockets = {
            name: stack.enter_context(bind(host, port, f"FLOVIFY_SANDBOX_{name}_PORT"))
            for name, port in (
                ("TLS", settings.flovify_sandbox_tls_port),
                ("PROXY", settings.flovify_sandbox_proxy_port),
                ("SMTP", settings.flovify_sandbox_smtp_port),
            )
        }
        # The proxy leads to the HTTPS listener, so it starts after it and ends before it.
        await stack.enter_async_context(open_https(clouds, sockets["TLS"], context, sandbox_limits(settings)))
        await stack.enter_async_context(open_proxy(sockets["PROXY"], reachable(sockets["TLS"])))
        await stack.enter_async_context(open_smtp(sockets["SMTP"], clouds))
        get_logger().info(
            "sandbox_edges_open",
            addresses={name.lower(): "{}:{}".format(*sock.getsockname()[:2]) for name, sock in sockets.items()},
            ca=str(folder / CA_FILE),
        )
        yield
