"""The entry point of the command `flovify`: a service is started at once, everything else goes through the commands."""

from __future__ import annotations

import sys

from flovify.cli.services import started_by
from flovify.common.errors import FlovifyError
from flovify.common.settings import EX_CONFIG, SettingError


def run() -> None:
    """Run the command line; an expected failure is one line on standard error, never a traceback.

    Exit status: 78 for a setting that cannot be used, 1 for any other expected failure.
    """
    try:
        _run(sys.argv[1:])
    except SettingError as error:
        _fail(str(error), EX_CONFIG)
    except FlovifyError as error:
        _fail(error.detail, EX_CONFIG if error.problem_code.startswith("schema_") else 1)


def _run(words: list[str]) -> None:
    service = started_by(words)
    if service is not None:
        # Without the commands' own modules: they cost each process a third of a second and some megabytes.
        service.run()
        return
    from flovify.cli.app import app  # noqa: PLC0415

    app()


def _fail(text: str, status: int) -> None:
    sys.stderr.write(f"flovify: {text}\n")
    sys.exit(status)
