"""Networks of their own on this machine (Linux's network namespaces), each behind a cable that can be cut."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_IP = shutil.which("ip") or ""
_CLONE_NEWNET = 0x40000000
_OURS = Path("/proc/thread-self/ns/net")


def may_make_networks() -> bool:
    return os.geteuid() == 0 and bool(_IP)


class Place:
    """One network, with one address in it, behind a cable. What runs there is started with the words `within`."""

    def __init__(self, name: str, network: str, number: int) -> None:
        """`network`: the first three numbers of the address."""
        self.address = f"{network}.{number}"
        self._bridge, self._name, self._cable = name, f"{name}{number}", f"{name}c{number}"
        self.within = (_IP, "netns", "exec", self._name)

    def lay_cable(self) -> None:
        _ip("netns", "add", self._name)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self._name)
        _ip("link", "set", self._cable, "master", self._bridge, "up")
        _ip("-n", self._name, "link", "set", "lo", "up")
        _ip("-n", self._name, "addr", "add", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self._name, "link", "set", "eth0", "up")

    def cut_off(self) -> None:
        """What runs there goes on running, and nobody hears it."""
        _ip("link", "set", self._cable, "down")

    def join_again(self) -> None:
        _ip("link", "set", self._cable, "up")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, and what it starts, is in that network until the block ends."""
        with _OURS.open() as before, Path("/run/netns", self._name).open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def pids(self) -> list[int]:
        """Every process in it."""
        return [int(pid) for pid in _ip("netns", "pids", self._name).split()]

    def take_away(self) -> None:
        """Nothing happens where there is none. The cable first: the kernel would take it away some time later."""
        _ip("link", "del", self._cable, may_fail=True)
        _ip("netns", "del", self._name, may_fail=True)


@contextlib.contextmanager
def places(name: str, network: str, count: int) -> Iterator[list[Place]]:
    """So many places on one bridge, on which this machine is number 254.

    All names begin with `name`, at most ten letters, so that what a killed run left is found again and taken away.
    `network` is of no network that a machine has by itself.
    """
    made = [Place(name, network, number) for number in range(1, count + 1)]
    _take_away(name, made)
    try:
        _ip("link", "add", name, "type", "bridge")
        _ip("addr", "add", f"{network}.254/24", "dev", name)
        _ip("link", "set", name, "up")
        for place in made:
            place.lay_cable()
        yield made
    finally:
        _take_away(name, made)


def _take_away(name: str, made: list[Place]) -> None:
    for place in made:
        place.take_away()
    _ip("link", "del", name, may_fail=True)


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words: str, may_fail: bool = False) -> str:
    done = subprocess.run([_IP, *words], capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise AssertionError(f"ip {' '.join(words)}: {done.stderr}")
    return done.stdout
