"""Idle: the memory of a whole `flovify up` with nothing to do, and the CPU it uses meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

from flovify.cli.bench.cpu import Span
from flovify.cli.bench.report import Ratio, print_report
from flovify.cli.bench.stack import Installation, Stack, installed

MEGABYTES, CPU_PERCENT = 300.0, 1.0
# Connections that the start needed are closed by then (`common/db.py`), and each task has run once.
SETTLE_SECONDS = 90
RATIOS = (
    Ratio("memory of all, MB", "MB, all", None, 1, MEGABYTES, at_most=True),
    Ratio("CPU of all, % of a core", "CPU %, all", None, 1, CPU_PERCENT, at_most=True),
)


def run(rounds: int, seconds: int, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when the installation does not start."""
    with installed() as installation:
        found = [_round(installation, seconds) for _ in range(rounds)]
    print_report(f"an idle flovify up, {rounds} rounds of {seconds} s after {SETTLE_SECONDS} s", found, RATIOS, into)


def _round(installation: Installation, seconds: int) -> dict[str, float]:
    with installation.running() as stack:
        _pass(SETTLE_SECONDS)
        used = _cpu_percent(stack, seconds)
        memory = stack.shared_megabytes()
    return {
        **{f"MB, {name}": value for name, value in memory.items()},
        "MB, all": sum(memory.values()),
        **{f"CPU %, {name}": value for name, value in used.items()},
        "CPU %, all": sum(used.values()),
    }


def _cpu_percent(stack: Stack, seconds: int) -> dict[str, float]:
    span = Span.begin(stack.cpu_seconds)
    _pass(seconds)
    figures = span.figures()
    passed = figures.pop("seconds measured")
    return {name.removeprefix("CPU s, "): used * 100 / passed for name, used in figures.items()}


def _pass(seconds: int) -> None:
    """That time passes is what is measured here."""
    threading.Event().wait(seconds)
