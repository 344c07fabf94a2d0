"""How the findings are shown: lines for people, JSON for programs, one exit status for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from flovify import __version__
from flovify.cli.doctor.models import Check, Outcome, Subject

_MARKS = {Outcome.OK: "ok", Outcome.WARNING: "warning", Outcome.FAILED: "FAILED", Outcome.SKIPPED: "-"}
_STYLES = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.FAILED: "bold red", Outcome.SKIPPED: "dim"}
_INDENT = 10


def exit_status(checks: Sequence[Check]) -> int:
    """0 for nothing worse than warnings, 1 where a check failed."""
    return int(any(check.outcome is Outcome.FAILED for check in checks))


def as_dict(checks: Sequence[Check]) -> dict[str, Any]:
    """Everything, in order, with the counts first."""
    return {
        "version": __version__,
        "ok": not exit_status(checks),
        "counts": counts(checks),
        "checks": [vars(check) for check in checks],
    }


def counts(checks: Sequence[Check]) -> dict[str, int]:
    found = Counter(check.outcome for check in checks)
    return {outcome.value: found[outcome] for outcome in Outcome}


def show(checks: Sequence[Check], console: Console) -> None:
    """By subject: what was found, and under what is not well its mend."""
    for subject in Subject:
        mine = [check for check in checks if check.subject is subject]
        if mine:
            console.print(Text(subject.value, style="bold"))
            for check in mine:
                _line(check, console)
    console.print(Text(summary(checks), style="bold"))


def summary(checks: Sequence[Check]) -> str:
    """The last line."""
    found = counts(checks)
    said = [
        f"{found['ok']} well",
        f"{found['warning']} to be seen to" if found["warning"] else "",
        f"{found['failed']} failed" if found["failed"] else "",
        f"{found['skipped']} not looked at" if found["skipped"] else "",
    ]
    return ", ".join(filter(None, said))


def _line(check: Check, console: Console) -> None:
    quiet = "dim" if check.outcome is Outcome.SKIPPED else ""
    mark = Text(f"{_MARKS[check.outcome]:>{_INDENT - 2}}  ", style=_STYLES[check.outcome])
    _print_beside(mark, Text(": ".join(filter(None, (check.of, check.found))), style=quiet), console)
    if check.mend:
        _print_beside(Text(" " * _INDENT + "> "), Text(check.mend, style=quiet or "cyan"), console)


def _print_beside(mark: Text, text: Text, console: Console) -> None:
    """The text beside its mark, on as many lines as the terminal needs."""
    for number, line in enumerate(text.wrap(console, max(20, console.width - len(mark)))):
        line.rstrip()
        console.print((Text(" " * len(mark)) if number else mark) + line)
