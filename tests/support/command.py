"""The command `flovify` inside the test's own process: the same words and exit status, without a process's start.

What only a process shows (its start, signals, its log) is for `tests.support.processes`; each command is run as one
somewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import structlog

from flovify.cli.main import run
from tests.support.processes import base_environment


class Ran(NamedTuple):
    status: int
    output: str
    errors: str


async def flovify(*args: str, env: Mapping[str, str], cwd: Path, stdin: str = "") -> Ran:
    """Run the command in a thread (it has an event loop of its own). One at a time: its streams are the process's."""
    return await asyncio.to_thread(run_command, *args, env=env, cwd=cwd, stdin=stdin)


def run_command(*args: str, env: Mapping[str, str], cwd: Path, stdin: str = "") -> Ran:
    """Run the command with only these variables."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, {**base_environment(), **env}, clear=True),
        patch("sys.argv", ["flovify", *args]),
        patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
        contextlib.chdir(cwd),
        logs_kept(),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            run()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return Ran(status, output.getvalue(), errors.getvalue())


@contextlib.contextmanager
def logs_kept() -> Iterator[None]:
    """The command sets up its own logging; the test's process keeps what it had."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
