"""How many ids that nobody here has heard of may be looked up: they cost a stranger nothing to make up."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_NETWORKS = 10_000


@dataclass(frozen=True)
class Rate:
    """A token bucket: `burst` at once, `per_second` from then on."""

    burst: float
    per_second: float


@dataclass
class _Bucket:
    tokens: float
    at: float


# What was announced or known before costs nothing, so that these are for invented ids and the rare lost announcement.
OF_NETWORK = Rate(burst=100, per_second=10)
OF_ALL = Rate(burst=1000, per_second=100)


class LookUpBudget:
    """One bucket a network, and one over all, for those who have many networks. The networks used last are kept."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, *, of_network: Rate = OF_NETWORK, of_all: Rate = OF_ALL
    ) -> None:
        self._monotonic = monotonic
        self._of_network, self._of_all = of_network, of_all
        self._networks: OrderedDict[str, _Bucket] = OrderedDict()
        self._all = _Bucket(of_all.burst, monotonic())

    def take(self, network: str, wanted: int) -> bool:
        """Whether so many may be looked up now; all or none. More than a whole burst are never granted."""
        now = self._monotonic()
        own = self._networks.setdefault(network, _Bucket(self._of_network.burst, now))
        self._networks.move_to_end(network)
        if len(self._networks) > MAX_NETWORKS:
            self._networks.popitem(last=False)
        for bucket, rate in ((own, self._of_network), (self._all, self._of_all)):
            bucket.tokens = min(rate.burst, bucket.tokens + (now - bucket.at) * rate.per_second)
            bucket.at = now
        if min(own.tokens, self._all.tokens) < wanted:
            return False
        own.tokens -= wanted
        self._all.tokens -= wanted
        return True
