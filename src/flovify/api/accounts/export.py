"""Accounts as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from flovify.api.accounts.schemas import Account
from flovify.common.csv import line

_COLUMNS = (
    "id",
    "display_name",
    "account_email",
    "organization_name",
    "external_tenant_id",
    "external_account_id",
    "provider",
    "cloud",
    "access",
    "status_word",
    "cause",
    "who_must_act",
    "connected_at",
    "last_refreshed_at",
    "last_message_at",
    "last_notification_at",
    "dead_letters",
    "waiting",
    "subscriptions",
    "next_expiry",
    "app_credential_expires_at",
)


async def csv_lines(accounts: Sequence[Account]) -> AsyncIterator[str]:
    """A heading, then one line an account."""
    yield line((*_COLUMNS[:9], "status", *_COLUMNS[10:], "messages_24h"))
    for account in accounts:
        yield line([*(getattr(account, name) for name in _COLUMNS), sum(account.messages_24h)])
