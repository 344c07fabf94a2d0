"""Made-up accounts, messages and dead letters, for developers who want to see the console full."""

from __future__ import annotations
