"""What stands between a socket and an application: deadlines, sizes and shares, in one place for every listener."""

from __future__ import annotations
