"""Looking into a mailbox for messages that no notification announced."""

from __future__ import annotations
