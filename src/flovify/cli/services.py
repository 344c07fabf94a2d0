"""The long-running processes: the words that start each, its settings, and what it runs. Loaded on demand."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flovify.common import logs
from flovify.common.settings import ServiceSettings, load


@dataclass(frozen=True)
class Service:
    """One process; `settings` and `main` are `module:name`."""

    name: str
    words: tuple[str, ...]
    settings: str
    main: str

    def settings_class(self) -> type[ServiceSettings]:
        found: type[ServiceSettings] = _load(self.settings)
        return found

    def run(self) -> None:
        """Say in the log what the settings are (secrets only as configured or not), and run until told to stop.

        Raises SettingError before anything is opened when a setting cannot be used.
        """
        import uvloop  # noqa: PLC0415 - a look at the settings needs no event loop

        settings = load(self.settings_class())
        logs.configure(self.name, settings.flovify_log_level)
        logs.get_logger().info("starting", settings=settings.summary())
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._loaded()(settings))
        # Everything is closed and written. Taking the interpreter's modules apart as well costs seconds on a small
        # machine.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def _loaded(self) -> Any:
        """What it runs, loaded. Nothing of that is garbage: it is not looked through meanwhile, nor ever again."""
        gc.disable()
        try:
            return _load(self.main)
        finally:
            gc.freeze()
            gc.enable()


SERVICES = {
    service.name: service
    for service in (
        Service("auth", ("serve", "auth"), "flovify.auth.settings:AuthServiceSettings", "flovify.auth.main:run"),
        Service("api", ("serve", "api"), "flovify.api.settings:ApiSettings", "flovify.api.main:run"),
        Service("worker", ("worker",), "flovify.api.settings:WorkerSettings", "flovify.api.worker.main:run"),
        Service("bff", ("serve", "bff"), "flovify.bff.settings:BffSettings", "flovify.bff.main:run"),
        Service("sandbox", ("sandbox",), "flovify.sandbox.settings:SandboxSettings", "flovify.sandbox.main:run"),
    )
}


def started_by(words: Sequence[str]) -> Service | None:
    """The service that exactly these words of the command line start."""
    return next((service for service in SERVICES.values() if service.words == tuple(words)), None)


def _load(place: str) -> Any:
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
