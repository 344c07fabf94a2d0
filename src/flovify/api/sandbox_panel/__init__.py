"""Trying things out at the stand-in for Microsoft; absent where Microsoft itself is configured."""

from __future__ import annotations
