"""A message's body as a page of its own that can do nothing."""

from __future__ import annotations
