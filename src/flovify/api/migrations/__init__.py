"""Numbered SQL files of the schema api."""

from __future__ import annotations
