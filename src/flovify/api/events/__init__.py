"""What became of each notification."""

from __future__ import annotations
