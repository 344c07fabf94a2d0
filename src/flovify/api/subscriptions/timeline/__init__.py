"""What happened to a subscription, in order."""

from __future__ import annotations
