"""Normalized messages: stored once, read as a feed."""

from __future__ import annotations
