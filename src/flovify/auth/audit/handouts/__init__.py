"""Tokens handed to other services in unusual numbers."""

from __future__ import annotations
