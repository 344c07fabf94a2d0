"""`flovify config show`: what each process would take from this environment."""

from __future__ import annotations

import json
import os

import typer

from flovify.cli.services import SERVICES
from flovify.common.settings import EX_CONFIG, SettingError, load

app = typer.Typer(help="Look at settings.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    """Without a subcommand the help is shown."""


@app.command()
def show(
    service: str = typer.Argument("", help=f"One of: {', '.join(SERVICES)}. Without it: all."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON for programs."),
) -> None:
    """Show the settings each process would take from this environment; secrets only as configured or not.

    A setting that is missing or malformed is named, and the exit status is then 78.
    """
    if service and service not in SERVICES:
        raise typer.BadParameter(f"no such service; choose one of {', '.join(SERVICES)}")
    found = {name: _summary(name) for name in ([service] if service else SERVICES)}
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _print(found)
    if any("error" in item for item in found.values()):
        raise typer.Exit(EX_CONFIG)


@app.command()
def reference() -> None:
    """Print docs/configuration.md: every setting of every process, from the code itself."""
    from flovify.cli.reference import reference_page  # noqa: PLC0415

    typer.echo(reference_page(), nl=False)


def _summary(service: str) -> dict[str, object]:
    try:
        return load(SERVICES[service].settings_class()).summary()
    except SettingError as error:
        return {"error": str(error)}


def _print(found: dict[str, dict[str, object]]) -> None:
    for service, values in found.items():
        typer.echo(f"[{service}]")
        for name, value in values.items():
            source = "environment" if os.environ.get(name.upper()) else "default"
            typer.echo(f"  {name} {value}" if name == "error" else f"  {name.upper()}={value}  ({source})")
