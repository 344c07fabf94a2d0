"""Start: how long a warm `flovify up` takes, and what loading each service's own code costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flovify.cli.bench.report import Ratio, print_report
from flovify.cli.bench.stack import Installation, installed
from flovify.cli.services import SERVICES, Service

READY_SECONDS, IMPORT_SECONDS, IMPORT_MEGABYTES = 2.5, 0.35, 60.0
_READY = "ready, seconds"
# CPU seconds, and the resident memory at its highest (getrusage(2): in kilobytes).
_LOAD = """
import resource, time, flovify.cli.main, {module}
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
RATIOS = (
    Ratio(_READY, _READY, None, 1, READY_SECONDS, at_most=True),
    *(
        Ratio(figure, figure, None, 1, aim, at_most=True)
        for unit, aim in (("CPU seconds", IMPORT_SECONDS), ("MB", IMPORT_MEGABYTES))
        for figure in (f"load {name}, {unit}" for name in SERVICES)
    ),
)


def run(rounds: int, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when the installation does not start."""
    with installed() as installation:
        found = [_round(installation) for _ in range(rounds)]
    print_report(f"start of a warm flovify up, {rounds} rounds", found, RATIOS, into)


def _round(installation: Installation) -> dict[str, float]:
    with installation.running() as stack:
        used = stack.cpu_seconds()
        figures = {_READY: stack.seconds, "CPU s until then, all": sum(used.values())}
        figures |= {f"CPU s until then, {name}": value for name, value in used.items()}
    for service in SERVICES.values():
        figures |= _load(service)
    return figures


def _load(service: Service) -> dict[str, float]:
    program = _LOAD.format(module=service.main.partition(":")[0])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    seconds, megabytes = (float(word) for word in done.stdout.split())
    return {f"load {service.name}, CPU seconds": seconds, f"load {service.name}, MB": megabytes}
