"""Looking at and ending processes by id, with Linux process descriptors so that a reused id is never hit."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def all_pids() -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def command_line(pid: int) -> list[str]:
    """The arguments of the process, or as one the title it gave itself; empty when it is gone or not ours to see."""
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    # A process that named itself has one text there, and zeros to the end.
    return [part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0") if raw]


def last_word(pid: int) -> str:
    """The last word of its command line: of one of our processes, which it is."""
    return " ".join(command_line(pid)).rpartition(" ")[2]


def executable(pid: int) -> str:
    """The path of the running program, without the mark Linux adds when the file was replaced meanwhile."""
    try:
        return str((_PROC / str(pid) / "exe").readlink()).removesuffix(" (deleted)")
    except OSError:
        return ""


def open_files(pid: int) -> set[str]:
    """What its descriptors refer to, sockets as ``socket:[inode]``; empty when not ours to see."""
    found = set()
    with contextlib.suppress(OSError):
        for entry in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed while we looked
                found.add(str(entry.readlink()))
    return found


def working_directory(pid: int) -> Path | None:
    try:
        return (_PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def environment_value(pid: int, name: str) -> str | None:
    """What the process was started with under ``name``; None when unset or not ours to see."""
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return None
    prefix = f"{name}=".encode()
    for entry in raw.split(b"\0"):
        if entry.startswith(prefix):
            return entry[len(prefix) :].decode(errors="replace")
    return None


def wait_gone(pid: int, seconds: float) -> bool:
    """True as soon as the process has ended (a zombie counts as ended), False after ``seconds``."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(max(0.0, seconds) * 1000))
    finally:
        os.close(descriptor)


def send(pid: int, number: signal.Signals) -> None:
    """Sends the signal; a process that is already gone is what the caller wanted anyway."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
