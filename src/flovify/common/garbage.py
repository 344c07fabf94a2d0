"""The garbage collector of a process that has started."""

from __future__ import annotations

import gc

# Rarer than Python's own 700, 10, 10: what a request makes is freed without the collector, for hardly any of it is in a
# circle.
THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """Let the collector pass over everything made until now, modules above all; it is there to stay.

    Looking through it again and again was a twentieth of what a notification costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
