"""What changed, told to everybody who looks at it."""

from __future__ import annotations
