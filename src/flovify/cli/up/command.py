"""`flovify up`: everything on this machine, under one supervisor."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from flovify.cli.up.errors import UpError


def up(
    port: int | None = typer.Option(
        None, help="FLOVIFY_PORT: the front door; all other ports keep their distance to it."
    ),
    data_dir: str = typer.Option("", help="FLOVIFY_DATA_DIR: database and generated secrets (default .flovify)."),
    sandbox: bool = typer.Option(True, help="Let the sandbox play Microsoft while MICROSOFT_CLIENT_ID is unset."),
) -> None:
    """Start everything on this machine and keep it running: PostgreSQL, migrations, auth, api, worker, bff, sandbox.

    Nothing has to be set. DATABASE_URL uses a PostgreSQL of yours instead of the built-in one; MICROSOFT_CLIENT_ID
    talks to Microsoft instead of the sandbox. Settings come from the environment and from .env in this directory.
    A process that ends is started again. Ctrl-C ends everything in order, a second Ctrl-C at once.

    A second installation beside this one needs its own FLOVIFY_PORT and FLOVIFY_DATA_DIR.
    """
    chosen = {"FLOVIFY_PORT": "" if port is None else str(port), "FLOVIFY_DATA_DIR": data_dir}
    environ = {**os.environ, **{name: value for name, value in chosen.items() if value}}
    try:
        asyncio.run(_run(environ, sandbox))
    except UpError as error:
        sys.stderr.write(f"flovify: {error}\n")
        raise typer.Exit(error.exit_code) from None


async def _run(environ: Mapping[str, str], sandbox: bool) -> None:
    from flovify.cli.up.lock import DataDirLock  # noqa: PLC0415 (help is instant)
    from flovify.cli.up.output import Printer  # noqa: PLC0415
    from flovify.cli.up.run import run_until_signal, settings_and_data_dir  # noqa: PLC0415
    from flovify.common import logs  # noqa: PLC0415

    logs.configure("up", "warning")  # what the migrations report as events, the progress lines say in words
    printer = Printer()
    settings, data_dir = settings_and_data_dir(environ, Path.cwd(), printer)
    with DataDirLock(data_dir):
        await run_until_signal(settings, data_dir, sandbox, printer)
