"""Roles of people, each including those before it."""

from __future__ import annotations

ROLES = ("viewer", "operator", "administrator")
