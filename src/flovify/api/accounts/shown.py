"""An account as the API shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flovify.api.accounts.judge import judge
from flovify.api.accounts.lights import lights
from flovify.api.accounts.models import AuthTenant, Figures
from flovify.api.accounts.schemas import (
    Access,
    Account,
    AccountAction,
    AccountDetail,
    Blocked,
    LastMessage,
    MailboxWait,
    Reason,
)
from flovify.api.accounts.status import STATUSES

_SAME_OF_TENANT = (
    "id",
    "provider",
    "account_email",
    "external_tenant_id",
    "external_account_id",
    "organization_name",
    "cloud",
    "registration_id",
    "last_refreshed_at",
    "token_expires_at",
    "app_credential_expires_at",
)
_ACCESS: dict[str, Access] = {"app": "application", "shared": "shared"}
_SAME_OF_FIGURES = (
    "last_message_at",
    "last_notification_at",
    "dead_letters",
    "waiting",
    "subscriptions",
    "next_expiry",
)


def account(tenant: AuthTenant, figures: Figures, now: datetime, *, sandbox: bool) -> Account:
    """What is known of an account, judged."""
    verdict = judge(tenant, figures, now)
    action = AccountAction(kind=verdict.action, label=verdict.label) if verdict.action else None
    return Account(
        **{name: getattr(tenant, name) for name in _SAME_OF_TENANT},
        **{name: getattr(figures, name) for name in _SAME_OF_FIGURES},
        display_name=tenant.display_name or tenant.account_email,
        access=_ACCESS.get(tenant.token_type or "", "delegated"),
        sandbox=sandbox,
        status=verdict.status,
        status_word=STATUSES[verdict.status].word,
        cause=verdict.cause,
        who_must_act=verdict.who_must_act,
        action=action,
        reason=_reason(tenant),
        blocked=_blocked(tenant) if verdict.status == "blocked" else None,
        lights=lights(tenant, figures, now),
        connected_at=tenant.created_at,
        messages_24h=list(figures.messages_24h),
    )


def detail(
    shown: Account,
    tenant: AuthTenant,
    messages: list[LastMessage],
    wait: MailboxWait | None,
    stale_since: datetime | None,
) -> AccountDetail:
    """The same account with its permissions and newest messages."""
    return AccountDetail(
        **dict(shown),
        granted_scopes=tenant.scopes,
        required_scopes=tenant.required_scopes,
        missing_scopes=tenant.missing_scopes,
        extra_scopes=tenant.extra_scopes,
        connected_by=tenant.connected_by,
        last_messages=messages,
        mailbox_wait=wait,
        stale_since=stale_since,
    )


def _blocked(tenant: AuthTenant) -> Blocked | None:
    told = tenant.blocked
    return Blocked(since=told.since, reason=told.reason, waiting=told.waiting) if told else None


def _reason(tenant: AuthTenant) -> Reason | None:
    """Auth's reason (see its EntraFailure.as_reason), with the time Microsoft gave."""
    told = tenant.status_reason
    if not told:
        return None
    words: dict[str, Any] = told["words"] if isinstance(told.get("words"), dict) else {}
    number = told.get("aadsts")
    return Reason(
        code=str(words.get("code") or told.get("error") or "unknown"),
        aadsts=number if isinstance(number, int) else None,
        trace_id=_text(told.get("trace_id")),
        correlation_id=_text(told.get("correlation_id")),
        at=_moment(told.get("timestamp")) or tenant.updated_at,
        words=words,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: object) -> datetime | None:
    """Entra's own form, `2026-11-22 18:05:59Z`."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
