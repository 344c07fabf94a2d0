"""What is kept for how long, and what becomes of it then."""

from __future__ import annotations
