"""The command line. `run_service` is how every long-running process starts."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flovify.common import logs
from flovify.common.settings import ServiceSettings, load

S = TypeVar("S", bound=ServiceSettings)


def run_service(name: str, settings_class: type[S], main: Callable[[S], Awaitable[None]]) -> None:
    """Read the settings, say in the log what they are (secrets only as configured or not), and run until told to stop.

    Raises SettingError before anything is opened when a setting cannot be used.
    """
    import uvloop  # noqa: PLC0415 - help texts need no event loop

    settings = load(settings_class)
    logs.configure(name, settings.flovify_log_level)
    logs.get_logger().info("starting", settings=settings.summary())

    async def body() -> None:
        await main(settings)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(body())
    # Everything is closed and written. Taking the interpreter's modules apart as well costs seconds on a small machine.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
