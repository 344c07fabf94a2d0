"""The command `flovify`: everything an operator starts, by one name.

Imports inside the commands are delayed on purpose: `flovify migrate` must not load the sandbox, and help is instant.
"""

from __future__ import annotations

import sys

import typer

from flovify import __version__
from flovify.cli import admin, apps, config, migrate, sandbox, serve, tenants, worker
from flovify.cli.bench import command as bench
from flovify.cli.up import command as up
from flovify.common.errors import FlovifyError
from flovify.common.settings import EX_CONFIG, SettingError

app = typer.Typer(
    name="flovify",
    help="Connect many Microsoft 365 mailboxes and store every message exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="up")(up.up)
app.command(name="worker")(worker.worker)
app.command(name="sandbox")(sandbox.sandbox)
app.add_typer(serve.app, name="serve")
app.add_typer(migrate.app, name="migrate")
app.add_typer(admin.app, name="admin")
app.add_typer(apps.app, name="apps")
app.add_typer(tenants.app, name="tenants")
app.add_typer(config.app, name="config")
app.add_typer(bench.app, name="bench")


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"flovify {__version__}")
        raise typer.Exit


def run() -> None:
    """Run the command line; an expected failure is one line on standard error, never a traceback.

    Exit status: 78 for a setting that cannot be used, 1 for any other expected failure.
    """
    try:
        app()
    except SettingError as error:
        _fail(str(error), EX_CONFIG)
    except FlovifyError as error:
        _fail(error.detail, EX_CONFIG if error.problem_code.startswith("schema_") else 1)


def _fail(text: str, status: int) -> None:
    sys.stderr.write(f"flovify: {text}\n")
    sys.exit(status)
