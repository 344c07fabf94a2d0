"""Loads a library as where one that it can do without is not installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def without(module: str) -> Iterator[None]:
    """What is imported inside does not find `module`; where the process has loaded it already nothing changes."""
    if module in sys.modules:
        yield
        return
    # None is how Python itself is told that a module is not there (language reference, 5.3.1).
    sys.modules[module] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[module]
