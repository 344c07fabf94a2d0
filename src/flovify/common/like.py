"""Patterns for LIKE and ILIKE."""

from __future__ import annotations


def anywhere(text: str) -> str:
    """`text` anywhere in what is looked through, with nothing special in it."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
