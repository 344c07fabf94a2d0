"""What notifications may have missed: noted when it is risked, looked for, and shown until it is made good."""

from __future__ import annotations
