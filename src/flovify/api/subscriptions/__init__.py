"""Graph change-notification subscriptions: made, kept alive and removed."""

from __future__ import annotations
