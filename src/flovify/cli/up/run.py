"""The life of `flovify up` from its settings to the last process's end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

import asyncpg

from flovify.cli.up.environment import data_dir_of, env_file_warning, ports, read_settings
from flovify.cli.up.installation import Installation
from flovify.cli.up.output import Printer
from flovify.cli.up.plan import Plan, wants_sandbox
from flovify.cli.up.secrets import load_or_create, prepare_data_dir
from flovify.cli.up.welcome import sandbox_lines, sign_in_lines

_KILLED_STATUS = 130


def settings_and_data_dir(
    environ: Mapping[str, str], directory: Path, printer: Printer
) -> tuple[Mapping[str, str], Path]:
    """The user's settings, and the data directory made and checked. Raises ConfigurationError."""
    settings = read_settings(environ, directory)
    warning = env_file_warning(directory)
    if warning:
        printer.plain(f"warning: {warning}")
    data_dir = data_dir_of(settings, directory)
    prepare_data_dir(data_dir)
    return settings, data_dir


async def run_until_signal(settings: Mapping[str, str], data_dir: Path, sandbox: bool, printer: Printer) -> None:
    """Starts everything, says so, and ends everything on the first signal. Raises UpError when the start fails.

    Call it with the data directory's lock held. A second signal kills all processes and ends this one at once.
    """
    plan = Plan(
        settings=settings,
        data_dir=data_dir,
        ports=ports(settings),
        sandbox=wants_sandbox(settings, sandbox),
        secrets=load_or_create(data_dir).with_environment(settings),
    )
    installation = Installation(plan, printer)
    stop = _stop_on_signals(installation, printer)
    try:
        await _unless(stop, _start(installation, printer))
        await stop.wait()
    finally:
        await installation.stop()
        printer.progress("everything has ended")


def _stop_on_signals(installation: Installation, printer: Printer) -> asyncio.Event:
    stop = asyncio.Event()

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            installation.kill()
            sys.stdout.flush()
            os._exit(_KILLED_STATUS)
        printer.progress(f"{number.name}: ending everything in order; the same signal again ends it at once")
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal, number)
    return stop


async def _start(installation: Installation, printer: Printer) -> None:
    await installation.start()
    plan = installation.plan
    printer.plain(f"ready: {plan.public_url}")
    for line in await _hints(installation):
        printer.plain(line)


async def _hints(installation: Installation) -> list[str]:
    """The lines after `ready:`. They are an extra: a process that just fell over must not take the rest with it."""
    plan = installation.plan
    lines: list[str] = []
    try:
        if installation.connections is not None:
            lines += await sign_in_lines(plan, installation.connections.auth)
        if plan.sandbox:
            lines += await sandbox_lines(plan)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError, KeyError) as error:
        lines.append(f"(the rest of this greeting could not be found out: {type(error).__name__})")
    return lines


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Awaits ``work`` and raises what it raises; cancels it when ``stop`` comes first."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        stopped.cancel()
