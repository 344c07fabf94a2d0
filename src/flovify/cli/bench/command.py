"""`flovify bench intake|drain|end-to-end|cost|startup|memory|growth|chart`."""

from __future__ import annotations

from pathlib import Path

import typer

app = typer.Typer(
    help="Measure this machine: each figure is a ratio of a limit measured in the same run.", no_args_is_help=True
)


@app.command()
def intake(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    seconds: int = typer.Option(5, min=1, help="How long each measurement takes."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """Notifications made durable a second, against hello-world on the same server and pgbench."""
    from flovify.cli.bench.intake import run  # noqa: PLC0415

    run(rounds, seconds, json)


@app.command()
def drain(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    only: str | None = typer.Option(None, help="Part of the name of the cases to measure; all without."),
    against: Path | None = typer.Option(None, help="Another checkout, whose worker takes turns with this one's."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """Events settled a second from a backlog, against what fetching alone would allow."""
    from flovify.cli.bench.drain import run  # noqa: PLC0415

    run(rounds, only, against, json)


@app.command()
def startup(
    rounds: int = typer.Option(5, min=1, help="How often to measure; medians are shown."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """The time of a warm `flovify up` until it is ready, and what loading each service costs."""
    from flovify.cli.bench.startup import run  # noqa: PLC0415

    run(rounds, json)


@app.command()
def memory(
    rounds: int = typer.Option(1, min=1, help="How often to measure; medians are shown."),
    seconds: int = typer.Option(60, min=1, help="How long each measurement takes."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """The memory of a whole `flovify up` that has nothing to do, and the CPU it uses."""
    from flovify.cli.bench.memory import run  # noqa: PLC0415

    run(rounds, seconds, json)


@app.command()
def growth(
    rounds: int = typer.Option(20, min=1, help="How often each statement is run."),
    ledger: int = typer.Option(5_000_000, min=1, help="Settled events."),
    messages: int = typer.Option(1_000_000, min=1, help="Stored messages."),
    waiting: int = typer.Option(200_000, min=1, help="Events that wait."),
    mailboxes: int = typer.Option(20_000, min=1, help="Mailboxes they belong to."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """How long each hot statement takes after years; ends with 1 when one takes longer than it may."""
    from flovify.cli.bench.growth import Sizes, run  # noqa: PLC0415

    if not run(Sizes(mailboxes, ledger, messages, waiting), rounds, json):
        raise typer.Exit(1)


@app.command()
def end_to_end(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    seconds: int = typer.Option(10, min=1, help="How long each rate is kept up."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """From mail that SMTP accepted to the message the api gives, through a whole `flovify up`."""
    from flovify.cli.bench.end_to_end import run  # noqa: PLC0415

    run(rounds, seconds, json)


@app.command()
def cost(
    rounds: int = typer.Option(3, min=1, help="How often to measure; medians are shown."),
    seconds: int = typer.Option(20, min=1, help="How long each rate is kept up."),
    json: Path | None = typer.Option(None, help="A JSON file to add the figures to."),
) -> None:
    """What a million notifications cost: CPU, PostgreSQL's log and disk, calls to Graph."""
    from flovify.cli.bench.cost import run  # noqa: PLC0415

    run(rounds, seconds, json)


@app.command()
def chart(
    figures: Path = typer.Argument(help="A JSON file that --json of the other commands has written."),
    into: Path = typer.Argument(help="The SVG file to write."),
) -> None:
    """Draw how far each ratio is from what is aimed at."""
    from flovify.cli.bench.chart import draw  # noqa: PLC0415

    draw(figures, into)
