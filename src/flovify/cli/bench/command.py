"""`flovify bench intake|drain`."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Measure this machine: each figure is a ratio of a limit measured in the same run.", no_args_is_help=True
)


@app.command()
def intake(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    seconds: int = typer.Option(5, min=1, help="How long each measurement takes."),
) -> None:
    """Notifications made durable a second, against hello-world on the same server and pgbench."""
    from flovify.cli.bench.intake import run  # noqa: PLC0415

    run(rounds, seconds)


@app.command()
def drain(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    events: int = typer.Option(6000, min=100, help="Events in the backlog."),
    mailboxes: int = typer.Option(50, min=1, help="Mailboxes they belong to."),
) -> None:
    """Events settled a second from a deep backlog, against what fetching alone would allow."""
    from flovify.cli.bench.drain import run  # noqa: PLC0415

    run(rounds, events, mailboxes)
