"""Trying a connected account out, step by step, and saying what was found."""

from __future__ import annotations
