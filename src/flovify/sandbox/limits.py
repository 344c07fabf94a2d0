"""What the sandbox's listeners let a client do. Its routes have Microsoft's own limits, which are smaller."""

from __future__ import annotations

from flovify.common.listener.limits import BodyRule, Limits
from flovify.sandbox.settings import SandboxSettings

BODY = BodyRule(64 * 2**20, seconds=60)


def sandbox_limits(settings: SandboxSettings) -> Limits:
    """Any number of connections from one address: it is a test's, or our own services'."""
    return Limits(body=BODY, max_connections=settings.flovify_max_connections)
