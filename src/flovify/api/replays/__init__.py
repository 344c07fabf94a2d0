"""Having many dead letters done again, at a pace, however often the worker is restarted meanwhile."""

from __future__ import annotations
