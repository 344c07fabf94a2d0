"""Sessions, as their owners and administrators see them."""

from __future__ import annotations
