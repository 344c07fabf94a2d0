"""The durable queue between the intake and the workers, mailbox by mailbox."""

from __future__ import annotations
