"""Errors of the queue.

Exception
 └─ FencedOut   the mailbox went to another worker meanwhile; the result must be dropped
"""

from __future__ import annotations


class FencedOut(Exception):
    """The lease is no longer ours: whatever was worked out under it is another worker's business now."""
