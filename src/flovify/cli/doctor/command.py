"""`flovify doctor`: everything that is usually wrong with an installation, looked at in one go."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from flovify.cli.doctor.models import Check, Subject, Unit
from flovify.common.errors import InvalidRequest

if TYPE_CHECKING:
    from flovify.cli.doctor.databases import Databases
    from flovify.cli.doctor.found import Found
    from flovify.cli.doctor.running import Progress
    from flovify.common.clock import Clock

NOT_RUN = 2


def doctor(
    only: list[Subject] = typer.Option([], "--only", help="Only this subject; may be repeated."),
    account: str = typer.Option(
        "", metavar="ID", help="Have Microsoft call the webhook: a real subscription on this account, removed again."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object for programs."),
    bundle: str = typer.Option(
        "", metavar="FILE", help="Also write what was found, redacted, to this new .tar.gz; - is standard output."
    ),
) -> None:
    """Look at everything an installation needs, and say the mend of what is not well. Nothing is changed.

    Beside `flovify up` all of it is looked at (FLOVIFY_DATA_DIR, default .flovify). In a service's container or unit
    that is what its own settings allow; the rest is named, with where to run this. Only --account does something
    at Microsoft. Exit status: 0 well or warnings only, 1 a check failed, 2 it could not run.
    """
    from flovify.cli.doctor.bundle import refuse_place  # noqa: PLC0415

    wanted = _account(account)
    refused = refuse_place(bundle) if bundle else None
    if refused:
        raise typer.BadParameter(refused, param_hint="--bundle")
    raise typer.Exit(asyncio.run(_run(only, wanted, bundle, as_json=as_json)))


async def _run(only: Sequence[Subject], account: UUID | None, bundle: str, *, as_json: bool) -> int:
    """Look, show and pack, before the event loop is closed: that may wait for a name that nobody resolves."""
    from flovify.cli.doctor.bundle import STANDARD_OUTPUT, gather, write  # noqa: PLC0415
    from flovify.cli.doctor.databases import Databases  # noqa: PLC0415
    from flovify.cli.doctor.found import find  # noqa: PLC0415
    from flovify.cli.doctor.report import exit_status  # noqa: PLC0415
    from flovify.cli.doctor.running import Running  # noqa: PLC0415
    from flovify.common.logs import configure  # noqa: PLC0415

    configure("cli", "critical")  # what there is to say is in the report
    found = find()
    _trust_as_the_services_do(found)
    databases, clock = Databases(found), _clock(found)
    try:
        with _Status() as progress:
            units = _units(found, databases, clock, account)
            checks = await Running(progress).run([one for one in units if not only or one.say.subject in only])
        _print(checks, as_json=as_json, to_errors=bundle == STANDARD_OUTPUT)
        if bundle:
            write(await gather(found, databases, checks, clock.now()), bundle, clock.now())
        return exit_status(checks)
    except InvalidRequest as error:
        typer.echo(f"flovify: {error.detail}", err=True)
        return NOT_RUN
    finally:
        await databases.close()


def _trust_as_the_services_do(found: Found) -> None:
    """`flovify up` passes these on from `.env` too, and OpenSSL reads them from the process's own environment."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if found.given.get(name):
            os.environ.setdefault(name, found.given[name])


def _units(found: Found, databases: Databases, clock: Clock, account: UUID | None) -> list[Unit]:
    from flovify.cli.doctor import (  # noqa: PLC0415
        checks_addresses,
        checks_clock,
        checks_database,
        checks_entra,
        checks_graph,
        checks_keys,
        checks_processes,
        checks_settings,
        checks_webhook,
    )

    return [
        *checks_settings.units(found, Path.cwd()),
        *checks_database.units(found, databases),
        *checks_database.schema_units(found, databases),
        *checks_keys.units(found, databases, clock),
        *checks_clock.units(found, databases, clock),
        *checks_processes.units(found, databases),
        *checks_addresses.units(found, clock),
        *checks_webhook.units(found, account),
        *checks_entra.units(found, databases, clock),
        *checks_entra.permission_units(found, databases, clock),
        *checks_graph.units(found, clock),
    ]


def _clock(found: Found) -> Clock:
    """As the services have it: beside `flovify up` the offset may stand in `.env`."""
    from flovify.common.clock import SystemClock  # noqa: PLC0415

    try:
        return SystemClock(float(found.given.get("FLOVIFY_CLOCK_OFFSET", "0")))
    except ValueError:
        return SystemClock(0)


class _Status:
    """What is looked at, on a terminal only, and gone at the end."""

    def __enter__(self) -> Progress:
        from rich.console import Console  # noqa: PLC0415

        console = Console(stderr=True)
        self._shown: Any = console.status("looking …") if console.is_terminal else nullcontext()
        self._shown.__enter__()
        return self._tell if console.is_terminal else lambda _done, _all, _open: None

    def __exit__(self, *how: object) -> None:
        self._shown.__exit__(*how)

    def _tell(self, done: int, total: int, still: Sequence[str]) -> None:
        self._shown.update(f"{done} of {total}, looking at {', '.join(still)} …")


def _print(checks: Sequence[Check], *, as_json: bool, to_errors: bool) -> None:
    from rich.console import Console  # noqa: PLC0415

    from flovify.cli.doctor.report import as_dict, show  # noqa: PLC0415

    if as_json:
        typer.echo(json.dumps(as_dict(checks), indent=2), err=to_errors)
        return
    file = sys.stderr if to_errors else sys.stdout
    # A file or a pipe has no width of its own: lines stay whole there, for grep.
    width = None if file.isatty() else 1000
    show(checks, Console(file=file, highlight=False, width=width))


def _account(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise typer.BadParameter(
            "give an account's id, as `flovify tenants list` shows it", param_hint="--account"
        ) from None
