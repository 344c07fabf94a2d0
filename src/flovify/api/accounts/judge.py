"""How an account stands: the rules that lead from what is known to one status with its cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flovify.api.accounts.models import AuthTenant, Figures
from flovify.api.accounts.schemas import ActionKind
from flovify.api.accounts.status import Verdict
from flovify.common.blocked_words import blocked_words, counts_as_blocked

TOKEN_LATE = timedelta(minutes=10)
CREDENTIAL_SOON = timedelta(days=30)
MISSED_SHOWN = timedelta(hours=6)
_RECONNECT, _CONSENT, _TEST, _RENEW = "Reconnect", "Ask for consent", "Test connection", "Renew now"
_OPEN_APPS = "Open app registrations"
# Reasons of a wait (see worker.errors) that only somebody who signs in, or consents, can end.
_SIGN_IN_GONE = ("unauthorized", "reconnect_required", "claims_challenge", "tenant_not_found")

Rule = Callable[[AuthTenant, Figures, datetime], Verdict | None]


def judge(tenant: AuthTenant, figures: Figures, now: datetime) -> Verdict:
    """The first rule that applies, the worst first."""
    for rule in _RULES:
        verdict = rule(tenant, figures, now)
        if verdict is not None:
            return verdict
    if figures.last_message_at is None and figures.waiting:
        return Verdict("first_sync", f"{_count(figures.waiting, 'message')} waiting to be fetched.")
    return Verdict("connected", None if figures.last_message_at else "Waiting for the first message.")


def _disconnecting(tenant: AuthTenant, _figures: Figures, _now: datetime) -> Verdict | None:
    if tenant.status != "disconnecting":
        return None
    return Verdict("disconnecting", "Its subscriptions at Microsoft are being removed.")


def _sign_in(tenant: AuthTenant, _figures: Figures, _now: datetime) -> Verdict | None:
    if tenant.status != "reconnect_required":
        return None
    return _dead_grant(tenant, reason_words(tenant))


def _dead_grant(tenant: AuthTenant, told: dict[str, Any]) -> Verdict:
    who = str(told.get("who_must_act") or "user")
    cause = str(told.get("cause") or "Microsoft no longer accepts the sign-in.")
    if tenant.token_type == "app" or _asks_for_consent(told):  # noqa: S105 - a kind, not a secret
        return Verdict("consent_revoked", cause, "administrator", "consent", _CONSENT)
    return Verdict("sign_in_required", cause, who, "reconnect", _RECONNECT)


def _asks_for_consent(told: dict[str, Any]) -> bool:
    return "consent" in str(told.get("code") or "") or "adminconsent" in str(told.get("link") or "")


def _credential(tenant: AuthTenant, figures: Figures, now: datetime) -> Verdict | None:
    expires_at = tenant.app_credential_expires_at
    if figures.block_reason != "app_credential_invalid" and not (expires_at and expires_at <= now):
        return None
    cause = "Microsoft refuses the app registration's secret or certificate: it is wrong or has expired."
    return Verdict("failing", cause, "operator", "open_settings", _OPEN_APPS)


def _blocked(tenant: AuthTenant, figures: Figures, _now: datetime) -> Verdict | None:
    """The account is active, and yet its mailbox cannot be served: by the worker's row, before auth is told."""
    reason = figures.block_reason
    if reason is None or not counts_as_blocked(reason, figures.failures):
        return None
    said = blocked_words(reason)
    waiting = f" {_count(figures.waiting, 'event')} waiting." if figures.waiting else ""
    kind, label = _help_for(tenant, reason)
    return Verdict("blocked", said.cause + waiting, said.who_must_act, kind, label)


def _help_for(tenant: AuthTenant, reason: str) -> tuple[ActionKind, str]:
    if reason == "app_credential_invalid":
        return "open_settings", _OPEN_APPS
    if reason not in _SIGN_IN_GONE:
        return "test", _TEST
    return ("consent", _CONSENT) if tenant.token_type == "app" else ("reconnect", _RECONNECT)  # noqa: S105 - a kind


def _subscription_gone(_tenant: AuthTenant, figures: Figures, _now: datetime) -> Verdict | None:
    if not figures.subscriptions:
        return Verdict(
            "no_subscription",
            "Microsoft was not asked to announce this mailbox's messages.",
            "administrator",
            "renew",
            "Watch the inbox",
        )
    if figures.active or figures.polled:
        return None
    if not figures.failing and not figures.expired:
        return Verdict("first_sync", "The subscription is being made at Microsoft.")
    cause = "The subscription expired." if figures.expired else "Microsoft has no subscription for this mailbox."
    if figures.subscription_error:
        cause += f" Last answer: {figures.subscription_error[:200]}"
    return Verdict("failing", cause, "operator", "renew", _RENEW)


def _waits(_tenant: AuthTenant, figures: Figures, now: datetime) -> Verdict | None:
    """Microsoft or auth is away, or asks for patience, since a moment ago: it passes by itself."""
    if not figures.block_reason:
        return None
    if figures.block_reason == "throttled":
        wait = max(round((figures.blocked_until - now).total_seconds()), 1) if figures.blocked_until else 0
        asked = f" It asked us to wait {wait} s more." if wait else ""
        return Verdict("degraded", f"Microsoft slows this mailbox down (429).{asked}", "nobody", "none", "")
    whose = "Our auth service" if figures.block_reason == "auth_unavailable" else "Microsoft"
    cause = f"{whose} does not answer ({figures.block_reason}); tried {_count(figures.failures, 'time')} in a row."
    return Verdict("degraded", cause, "nobody", "test", _TEST)


def _renewal_late(_tenant: AuthTenant, figures: Figures, _now: datetime) -> Verdict | None:
    if not figures.failing:
        return None
    told = f" Last answer: {figures.subscription_error[:200]}" if figures.subscription_error else ""
    return Verdict("degraded", f"A subscription could not be renewed.{told}", "operator", "renew", _RENEW)


def _not_looked_through(_tenant: AuthTenant, figures: Figures, _now: datetime) -> Verdict | None:
    """Catching up, which is all that brings the mail of a polled folder, is refused again and again."""
    if not figures.gap_error:
        return None
    told = f" Last answer: {figures.gap_error[:200]}"
    if figures.only_polled:
        cause = f"The mailbox cannot be looked at, so its mail does not come.{told}"
        return Verdict("failing", cause, "administrator", "test", _TEST)
    return Verdict("degraded", f"What may have been missed cannot be fetched.{told}", "administrator", "test", _TEST)


def _dead_letters(_tenant: AuthTenant, figures: Figures, _now: datetime) -> Verdict | None:
    if not figures.dead_recent:
        return None
    became = _count(figures.dead_recent, "message")
    cause = f"{became} of the last 24 hours could not be stored and became dead letters."
    return Verdict("degraded", cause, "operator", "none", "")


def _missed(_tenant: AuthTenant, figures: Figures, now: datetime) -> Verdict | None:
    if figures.missed_at is None or now - figures.missed_at > MISSED_SHOWN:
        return None
    return Verdict(
        "degraded",
        "Microsoft says that it could not deliver some notifications. Sync the account.",
        "operator",
        "none",
        "",
    )


def _token_late(tenant: AuthTenant, _figures: Figures, now: datetime) -> Verdict | None:
    expires_at = tenant.token_expires_at
    if expires_at is None or now - expires_at < TOKEN_LATE:
        return None
    return Verdict("degraded", "The access token expired and could not be refreshed yet.", "nobody", "test", _TEST)


_RULES: tuple[Rule, ...] = (
    _disconnecting,
    _sign_in,
    _blocked,
    _credential,
    _subscription_gone,
    _waits,
    _renewal_late,
    _not_looked_through,
    _dead_letters,
    _missed,
    _token_late,
)


def reason_words(tenant: AuthTenant) -> dict[str, Any]:
    """The words auth gives with its reason; empty without one."""
    told = (tenant.status_reason or {}).get("words")
    return told if isinstance(told, dict) else {}


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
