"""The way of one message, from the provider's notification to the stored row."""

from __future__ import annotations
