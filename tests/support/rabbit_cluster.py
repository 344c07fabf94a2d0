"""Three nodes of RabbitMQ, each in a network of its own, which can be cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.engines import RabbitServer
from tests.support.networks import Place, places

NODES = 3
_NAME, _NETWORK = "flovify-t", "10.213.77"
_PORT, _NAMES, _BETWEEN = 5672, 4369, 25672


class RabbitNode(RabbitServer):
    """A node behind a cable of its own."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.host, self.within = place.address, place.within
        self.cut_off, self.join_again = place.cut_off, place.join_again
        super().__init__(folder)
        self.port, self._names, self._between = _PORT, _NAMES, _BETWEEN
        cookie = folder / ".erlang.cookie"
        cookie.write_text("flovify-of-the-tests")
        cookie.chmod(0o400)
        peers = [
            f"cluster_formation.classic_config.nodes.{one} = rabbit@{_NETWORK}.{one}" for one in range(1, NODES + 1)
        ]
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


@contextlib.contextmanager
def three_nodes(folder: Path) -> Iterator[list[RabbitNode]]:
    """Started together, as one cluster."""
    with places(_NAME, _NETWORK, NODES) as given:
        nodes = [RabbitNode(folder / str(number), place) for number, place in enumerate(given, 1)]
        try:
            with ThreadPoolExecutor(NODES) as starting:
                list(starting.map(RabbitNode.start, nodes))
            yield nodes
        finally:
            for node in nodes:
                node.close()
