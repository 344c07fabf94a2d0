"""Three nodes of RabbitMQ, each in a network of its own (Linux's network namespaces), which can be cut off."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.engines import RabbitServer

NODES = 3
# Of no network that a machine has by itself; all names carry it, so that what a killed run left is found again.
_NAME, _NETWORK = "flovify-t", "10.213.77"
_PORT, _NAMES, _BETWEEN = 5672, 4369, 25672


def may_make_networks() -> bool:
    return os.geteuid() == 0 and shutil.which("ip") is not None


class RabbitNode(RabbitServer):
    """Node `number`, from 1, behind a cable of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.host = f"{_NETWORK}.{number}"
        self._network, self._cable = f"{_NAME}{number}", f"{_NAME}c{number}"
        self.within = ("ip", "netns", "exec", self._network)
        super().__init__(folder)
        self.port, self._names, self._between = _PORT, _NAMES, _BETWEEN
        cookie = folder / ".erlang.cookie"
        cookie.write_text("flovify-of-the-tests")
        cookie.chmod(0o400)
        peers = [f"cluster_formation.classic_config.nodes.{one} = rabbit@{_NETWORK}.{one}" for one in _numbers()]
        self.configure(
            "loopback_users = none",
            "cluster_partition_handling = pause_minority",
            "cluster_formation.peer_discovery_backend = classic_config",
            *peers,
        )

    @property
    def node(self) -> str:
        return f"rabbit@{self.host}"

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        words, environment = super().command()
        soon = {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel net_ticktime 8", "RABBITMQ_USE_LONGNAME": "true"}
        return words, {**environment, **soon}

    def lay_cable(self) -> None:
        _ip("netns", "add", self._network)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self._network)
        _ip("link", "set", self._cable, "master", _NAME, "up")
        _ip("-n", self._network, "link", "set", "lo", "up")
        _ip("-n", self._network, "addr", "add", f"{self.host}/24", "dev", "eth0")
        _ip("-n", self._network, "link", "set", "eth0", "up")

    def cut_off(self) -> None:
        """It goes on running, and nobody hears it."""
        _ip("link", "set", self._cable, "down")

    def join_again(self) -> None:
        _ip("link", "set", self._cable, "up")


@contextlib.contextmanager
def three_nodes(folder: Path) -> Iterator[list[RabbitNode]]:
    """Started together, as one cluster."""
    _take_away()
    nodes = [RabbitNode(folder / str(number), number) for number in _numbers()]
    try:
        _ip("link", "add", _NAME, "type", "bridge")
        _ip("addr", "add", f"{_NETWORK}.254/24", "dev", _NAME)
        _ip("link", "set", _NAME, "up")
        for node in nodes:
            node.lay_cable()
        with ThreadPoolExecutor(NODES) as starting:
            list(starting.map(RabbitNode.start, nodes))
        yield nodes
    finally:
        for node in nodes:
            node.close()
        _take_away()


def _numbers() -> range:
    return range(1, NODES + 1)


def _take_away() -> None:
    for number in _numbers():
        _ip("netns", "del", f"{_NAME}{number}", may_fail=True)
    _ip("link", "del", _NAME, may_fail=True)


def _ip(*words: str, may_fail: bool = False) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise AssertionError(f"ip {' '.join(words)}: {done.stderr}")
