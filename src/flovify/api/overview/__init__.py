"""How everything stands, on one page."""

from __future__ import annotations
