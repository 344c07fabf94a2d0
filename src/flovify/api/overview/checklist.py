"""First steps, ticked off by what was done."""

from __future__ import annotations

from flovify.api.overview.models import Tried
from flovify.api.overview.schemas import ChecklistItem


def checklist(tried: Tried, *, connected: bool, watched: bool, checked: bool, sandbox: bool) -> list[ChecklistItem]:
    """With the sandbox: a tour. With Microsoft: what it takes until the first message."""
    connect = _step("connect", connected, "Connect a mailbox", "/admin/tenants?connect=1")
    message = _step("message", tried.message, "See a message arrive", "/messages")
    if sandbox:
        return [
            connect,
            message,
            _step("trace", tried.opened, "Open a message and follow its trace", "/messages"),
            _step("break", tried.broken, "Break something in the sandbox", "/sandbox"),
            _step("replay", tried.replayed, "Replay a dead letter", "/dead-letters"),
            _step("own", False, "Connect your own Microsoft 365", "/settings/registrations"),
        ]
    return [
        _step("webhook", checked, "Check the public address", "/settings/system"),
        connect,
        _step("watch", watched, "Have its inbox watched", "/subscriptions"),
        message,
    ]


def _step(name: str, done: bool, text: str, link: str) -> ChecklistItem:
    return ChecklistItem(id=name, done=done, text=text, link=link)
