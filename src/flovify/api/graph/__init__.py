"""The client for Microsoft Graph: messages, attachments and subscriptions of one mailbox at a time."""

from __future__ import annotations
