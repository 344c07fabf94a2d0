"""Events that could not be done, kept with the reason until somebody has them done again."""

from __future__ import annotations
