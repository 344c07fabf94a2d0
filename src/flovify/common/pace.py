"""Long work beside others: small batches, and between two of them more rest than work."""

from __future__ import annotations

import time

# So many times as long as a batch took nothing is done.
REST = 4


def rest_seconds(began: float) -> float:
    """How long to rest after a batch that began at this `time.monotonic()` and is over now."""
    return (time.monotonic() - began) * REST
