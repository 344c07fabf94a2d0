"""A whole `flovify up` of the benchmark's own, and what its processes use."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flovify.cli.bench.cpu import process_seconds
from flovify.cli.bench.ground import free_port
from flovify.cli.services import SERVICES
from flovify.cli.up import processes
from flovify.cli.up.account import choose_account
from flovify.cli.up.environment import DEFAULT_PORTS
from flovify.cli.up.nursery import NAME as NURSERY
from flovify.cli.up.places import find_places
from flovify.common.errors import FlovifyError

SUPERVISOR, POSTGRES = "supervisor", "postgres"
PARTS = (NURSERY, *SERVICES)
_END_SECONDS = 120


@dataclass(frozen=True)
class Stack:
    """A running installation; `seconds` is how long it took from the start of the command to `ready:`."""

    supervisor: subprocess.Popen[str]
    seconds: float

    def cpu_seconds(self) -> dict[str, float]:
        """CPU used so far by each part, the database's processes together."""
        return self._sums(process_seconds)

    def shared_megabytes(self) -> dict[str, float]:
        """Memory of each part, what several processes share counted in equal parts (Pss of proc(5), smaps_rollup)."""
        return self._sums(_proportional_megabytes)

    def _sums(self, figure: Callable[[int], float]) -> dict[str, float]:
        sums = dict.fromkeys((SUPERVISOR, *PARTS, POSTGRES), 0.0)
        for pid in _with_descendants(self.supervisor.pid):
            sums[self._name(pid)] += figure(pid)
        return sums

    def _name(self, pid: int) -> str:
        if pid == self.supervisor.pid:
            return SUPERVISOR
        last = processes.last_word(pid)
        return last if last in PARTS else POSTGRES


class Installation:
    """A data directory and `ports` by variable; it is started again and again, as an operator does."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.data_dir = folder / "data"
        self.ports = {name: str(free_port()) for name in DEFAULT_PORTS}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._env = {**kept, **settings, **self.ports, "FLOVIFY_DATA_DIR": str(self.data_dir)}
        self._folder = folder

    @contextmanager
    def running(self) -> Iterator[Stack]:
        """Everything, ready; ended in order afterwards. Raises FlovifyError when it does not start."""
        log = self._folder / "log"
        began = time.monotonic()
        with log.open("w") as sink:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "flovify", "up"],
                env=self._env,
                cwd=self._folder,
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
            )
        try:
            _wait_ready(supervisor, log)
            yield Stack(supervisor, time.monotonic() - began)
        finally:
            supervisor.send_signal(signal.SIGTERM)
            supervisor.communicate(timeout=_END_SECONDS)


@contextmanager
def installed(settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """An installation that was started once with these settings, so that its database is made; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="flovify-bench-"))
    installation = Installation(folder, settings or {})
    try:
        with installation.running():
            pass
        yield installation
    finally:
        if installation.data_dir.exists():
            find_places(installation.data_dir, choose_account()[0]).remove(installation.data_dir)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_ready(supervisor: subprocess.Popen[str], log: Path) -> None:
    said = []
    for line in supervisor.stdout or ():
        said.append(line)
        if line.startswith("ready:"):
            return
    raise FlovifyError(f"flovify up did not start: {''.join(said)[-800:]}{log.read_text(errors='replace')[-800:]}")


def _with_descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid in processes.all_pids():
        children.setdefault(_parent(pid), []).append(pid)
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _parent(pid: int) -> int:
    """0 when the process is gone."""
    try:
        # The name in brackets may hold anything; the parent is the second field after it.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _proportional_megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
