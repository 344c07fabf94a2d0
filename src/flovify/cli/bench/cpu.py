"""CPU time of the measured processes, so that what bounds a rate is read off and not guessed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Readings = Callable[[], Mapping[str, float]]
_TICKS = os.sysconf("SC_CLK_TCK")


def process_seconds(pid: int) -> float:
    """User and system seconds of the process and of its children that have ended; 0 when it is gone (proc(5), stat)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # The name in brackets may hold anything; utime, stime, cutime and cstime are fields 14 to 17.
    fields = stat.rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15]) / _TICKS


@dataclass(frozen=True)
class Span:
    """From here on: the time that passed and the CPU that each process used."""

    readings: Readings
    began: float
    before: Mapping[str, float]

    @classmethod
    def begin(cls, readings: Readings) -> Span:
        return cls(readings, time.monotonic(), dict(readings()))

    def figures(self) -> dict[str, float]:
        """`CPU s, <process>` for each process, and the seconds that passed, for the report."""
        used = {f"CPU s, {name}": total - self.before.get(name, 0.0) for name, total in self.readings().items()}
        return {**used, "seconds measured": time.monotonic() - self.began}
