"""A process that runs and answers nobody is of no use: it is killed, and its keeper starts it again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from flovify.cli.up.asking import answers
from flovify.cli.up.child import Child
from flovify.cli.up.output import Printer


@dataclass(frozen=True)
class Patience:
    """How often a process is asked, which is also how long it has for an answer, and how many it may miss in a row.

    The defaults bear half a minute of a machine that does something else.
    """

    every_seconds: float = 5.0
    misses: int = 6


async def kill_when_silent(child: Child, patience: Patience, printer: Printer) -> None:
    """Ask the process until it ends or has been silent for too long. One that never answered is still starting.

    Missed answers are counted, not time: a machine that slept wakes up with at most one.
    """
    url = child.spec.live_url
    if url is None:
        return
    answered, missed = False, 0
    while missed < patience.misses:
        await asyncio.sleep(patience.every_seconds)
        if await answers(url, patience.every_seconds):
            answered, missed = True, 0
        elif answered:
            missed += 1
    printer.child_line(child.spec.name, f"has not answered {url} {missed} times in a row: killed")
    child.kill()
