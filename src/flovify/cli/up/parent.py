"""A process that ends with its parent."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Ask Linux for SIGTERM when `parent` dies (prctl(2)), kill -9 included; a new process does so first of all.

    The parent forks it from its main thread: Linux sends the signal when the *thread* that forked ends.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died before the call
