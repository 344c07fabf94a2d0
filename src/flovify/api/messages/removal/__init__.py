"""Deleting what is stored of an account that was disconnected."""

from __future__ import annotations
