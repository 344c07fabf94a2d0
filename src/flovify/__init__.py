"""Flovify: many Microsoft 365 mailboxes, every message stored exactly once."""

from __future__ import annotations

__version__ = "0.1.0"
