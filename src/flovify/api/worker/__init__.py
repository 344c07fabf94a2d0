"""From events to stored messages: takes a mailbox, asks Graph, stores, settles."""

from __future__ import annotations
