"""What the operator sees: progress on standard output, the processes' own lines with a prefix on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import TextIO

_COLOURS = {"auth": 36, "api": 32, "worker": 33, "bff": 35, "sandbox": 34, "postgres": 90}
_WIDTH = 8


def readable(line: str) -> str:
    """A JSON log event as a short line for people: time, level unless info, event, the other fields. Else unchanged."""
    try:
        event = json.loads(line)
        clock = str(event.pop("timestamp"))[11:19]
        name = event.pop("event")
    except (ValueError, TypeError, KeyError, AttributeError):
        return line
    level = event.pop("level", "info")
    event.pop("service", None)
    if name == "starting":
        event.pop("settings", None)  # twenty settings of each process hide what happens; `flovify config show` has them
    fields = " ".join(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in event.items())
    return " ".join(part for part in (clock, "" if level == "info" else level.upper(), str(name), fields) if part)


class Printer:
    """Lines never mix: each is written whole. A terminal that went away does not end the installation."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._coloured = self._err.isatty()
        self._started = time.monotonic()

    def progress(self, text: str) -> None:
        """A step of the start, with the seconds since the beginning."""
        self._write(self._out, f"{time.monotonic() - self._started:6.1f} s  {text}")

    def plain(self, text: str) -> None:
        self._write(self._out, text)

    def child_line(self, name: str, text: str) -> None:
        prefix = f"{name:<{_WIDTH}} | "
        if self._coloured:
            prefix = f"\033[{_COLOURS.get(name, 37)}m{prefix}\033[0m"
            text = readable(text)
        self._write(self._err, prefix + text)

    def _write(self, stream: TextIO, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(line + "\n")
            stream.flush()
