"""Users as administrators see them: invitations, roles, passwords."""

from __future__ import annotations
