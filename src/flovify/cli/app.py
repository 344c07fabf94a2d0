"""The commands of `flovify`: everything an operator starts, by one name.

Imports inside the commands are delayed on purpose: `flovify migrate` must not load the sandbox, and help is instant.
"""

from __future__ import annotations

import typer

from flovify import __version__
from flovify.cli import admin, alerts, apps, audit, config, migrate, openapi, serve, subscriptions, tenants
from flovify.cli.backup import command as backup
from flovify.cli.bench import command as bench
from flovify.cli.doctor import command as doctor
from flovify.cli.seed import command as seed
from flovify.cli.up import command as up

app = typer.Typer(
    name="flovify",
    help="Connect many Microsoft 365 mailboxes and store every message exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="up")(up.up)
app.command(name="doctor")(doctor.doctor)
app.command(name="worker")(serve.worker)
app.command(name="sandbox")(serve.sandbox)
app.command(name="seed")(seed.seed)
app.add_typer(serve.app, name="serve")
app.add_typer(migrate.app, name="migrate")
app.add_typer(admin.app, name="admin")
app.add_typer(apps.app, name="apps")
app.add_typer(tenants.app, name="tenants")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(audit.app, name="audit")
app.add_typer(alerts.app, name="alerts")
app.command(name="backup")(backup.backup)
app.command(name="restore")(backup.restore)
app.add_typer(config.app, name="config")
app.add_typer(bench.app, name="bench")
app.add_typer(openapi.app, name="openapi")


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"flovify {__version__}")
        raise typer.Exit
