"""`flovify alerts test`: whether Flovify's own alerts arrive."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flovify.common.settings import SettingError, load

if TYPE_CHECKING:
    from flovify.api.alerts.ways import Way

app = typer.Typer(help="Alerts that Flovify sends itself, by webhook and mail.", no_args_is_help=True)


@app.callback()
def _alerts() -> None:
    """Takes FLOVIFY_ALERT_* of the environment and of `.env`, as the worker has them."""


@app.command("test")
def try_ways() -> None:
    """Send a test by all ways that are set, and say what each answered. Exit status 1 when one did not take it."""
    answers = asyncio.run(_tried(_ways()))
    for name, answer, taken in answers:
        typer.echo(f"{name}: {'taken' if taken else 'NOT taken'} ({answer})")
    if not all(taken for _, _, taken in answers):
        raise typer.Exit(1)


def _ways() -> tuple[Way, ...]:
    """Raises SettingError for settings that cannot be used, or none."""
    from flovify.api.alerts.settings import AlertSettings  # noqa: PLC0415
    from flovify.api.alerts.ways import ways  # noqa: PLC0415
    from flovify.cli.up.environment import read_settings  # noqa: PLC0415
    from flovify.cli.up.errors import ConfigurationError  # noqa: PLC0415

    try:
        found = ways(load(AlertSettings, read_settings(os.environ, Path.cwd())))
    except ConfigurationError as error:
        raise SettingError(str(error)) from None
    if not found:
        raise SettingError("no alerts are sent: set FLOVIFY_ALERT_WEBHOOK_URL or FLOVIFY_ALERT_SMTP_URL")
    return found


async def _tried(ways: tuple[Way, ...]) -> list[tuple[str, str, bool]]:
    from flovify.api.alerts.ways import NotTaken  # noqa: PLC0415
    from flovify.api.alerts.words import trial  # noqa: PLC0415
    from flovify.common.clock import SystemClock  # noqa: PLC0415
    from flovify.common.logs import configure  # noqa: PLC0415

    configure("cli", "error")  # what there is to say is printed
    answers: list[tuple[str, str, bool]] = []
    for way in ways:
        try:
            answers.append((way.name, await way.send(trial(SystemClock().now())), True))
        except NotTaken as error:
            answers.append((way.name, str(error), False))
    return answers
