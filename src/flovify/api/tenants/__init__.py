"""What auth says of accounts: connected, connected again, disconnected."""

from __future__ import annotations
