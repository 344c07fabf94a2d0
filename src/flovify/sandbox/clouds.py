"""The national clouds: under /cloud/<name> each is a world of its own, with its own people, mail, keys and tokens.

The global cloud is the address itself. A national one is made when somebody first asks for it, or at start when it
was used before, so that its notifications go on.
"""

from __future__ import annotations

import re
import ssl
from typing import Any

from flovify.common.clouds import CLOUDS
from flovify.sandbox.app import create_app
from flovify.sandbox.mail.models import UnknownMailbox
from flovify.sandbox.world import World, create_world

_PATH = re.compile(r"(/cloud/([a-z]+))(?:/.*)?", re.DOTALL)


class Clouds:
    """An ASGI application over all clouds, and the mailboxes of all of them for SMTP."""

    def __init__(self, home: World) -> None:
        self._home = home
        self._home_app = create_app(home)
        self._worlds: dict[str, tuple[World, Any]] = {}
        self._tls: ssl.SSLContext | None = None

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Begin to deliver notifications. `tls` says whose certificates https receivers may show."""
        self._tls = tls
        await self._home.subscriptions.start(tls)
        for name in CLOUDS:
            path = self._home.settings.journal_path(name)
            if name != self._home.cloud.name and path is not None and path.exists():
                await self._app(name)

    async def stop(self) -> None:
        for world in self._all():
            await world.subscriptions.stop()
            world.journal.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request to its cloud; the prefix becomes the root path, so that links in answers carry it."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or found[2] not in CLOUDS or found[2] == self._home.cloud.name:
            await self._home_app(scope, receive, send)
            return
        app = await self._app(found[2])
        await app({**scope, "root_path": found[1]}, receive, send)

    def has_mailbox(self, address: str) -> bool:
        return any(world.mail.has_mailbox(address) for world in self._all())

    def deliver(self, address: str, raw: bytes) -> None:
        """Put a message into the mailbox, in every cloud that knows the address. Raises UnknownMailbox."""
        knowing = [world for world in self._all() if world.mail.has_mailbox(address)]
        if not knowing:
            raise UnknownMailbox(address)
        for world in knowing:
            world.mail.deliver(address, raw)

    def _all(self) -> list[World]:
        return [self._home, *(world for world, _ in self._worlds.values())]

    async def _app(self, name: str) -> Any:
        if name not in self._worlds:
            world = create_world(self._home.settings, name)
            self._worlds[name] = (world, create_app(world))
            await world.subscriptions.start(self._tls)
        return self._worlds[name][1]
