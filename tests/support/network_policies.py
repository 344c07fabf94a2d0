"""Who reaches whom under Kubernetes' network policies, as networking.k8s.io/v1 defines them.

A pod that any policy selects for a direction is closed in it but for what some policy's rules allow.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Peer:
    """A pod, by its namespace and labels, or an address outside of the cluster."""

    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True)
class Policies:
    """All policies of one namespace."""

    namespace: str
    policies: Sequence[Policy]

    def leads(self, sender: Peer, receiver: Peer, port: int, protocol: str = "TCP") -> bool:
        """Whether the one may open a connection to that port of the other."""
        return self._allows("Egress", sender, receiver, port, protocol) and self._allows(
            "Ingress", receiver, sender, port, protocol
        )

    def _allows(self, direction: str, pod: Peer, other: Peer, port: int, protocol: str) -> bool:
        if pod.namespace != self.namespace:
            return True
        specs = [one["spec"] for one in self.policies]
        holding = [one for one in specs if direction in one["policyTypes"] and _selects(one["podSelector"], pod.labels)]
        rules = [rule for one in holding for rule in one.get(direction.lower(), ())]
        return not holding or any(self._passes(rule, direction, other, port, protocol) for rule in rules)

    def _passes(self, rule: Policy, direction: str, other: Peer, port: int, protocol: str) -> bool:
        ports = rule.get("ports")
        if ports and not any((one["port"], one.get("protocol", "TCP")) == (port, protocol) for one in ports):
            return False
        peers = rule.get("to" if direction == "Egress" else "from")
        return not peers or any(self._is(one, other) for one in peers)

    def _is(self, peer: Mapping[str, Any], other: Peer) -> bool:
        if "ipBlock" in peer:
            return bool(other.address) and _within(other.address, peer["ipBlock"])
        if other.address:
            return False
        if "namespaceSelector" in peer:
            there = _selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": other.namespace})
        else:
            there = other.namespace == self.namespace
        return there and _selects(peer.get("podSelector", {}), other.labels)


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """An empty selector takes all. Other operators than In are not known here."""
    wanted = selector.get("matchLabels", {})
    lists = selector.get("matchExpressions", ())
    assert all(one["operator"] == "In" for one in lists)
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        labels.get(one["key"]) in one["values"] for one in lists
    )


def _within(address: str, block: Mapping[str, Any]) -> bool:
    one = ipaddress.ip_address(address)
    return one in ipaddress.ip_network(block["cidr"]) and not any(
        one in ipaddress.ip_network(cut) for cut in block.get("except", ())
    )
