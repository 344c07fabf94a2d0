"""The four lights of an account, each with its own evidence."""

from __future__ import annotations

from datetime import datetime

from flovify.api.accounts.judge import CREDENTIAL_SOON, MISSED_SHOWN, TOKEN_LATE, reason_words
from flovify.api.accounts.models import AuthTenant, Figures
from flovify.api.accounts.schemas import Light, Lights, LightState
from flovify.common.blocked_words import blocked_words

_SIGN_IN_GONE = ("unauthorized", "reconnect_required", "claims_challenge", "tenant_not_found")


def lights(tenant: AuthTenant, figures: Figures, now: datetime) -> Lights:
    return Lights(
        auth=_auth(tenant, figures, now),
        subscription=_subscription(figures),
        intake=_intake(figures, now),
        processing=_processing(figures),
    )


def _auth(tenant: AuthTenant, figures: Figures, now: datetime) -> Light:
    checked = tenant.last_refreshed_at or tenant.created_at
    if tenant.status == "reconnect_required":
        return _light("failed", reason_words(tenant).get("cause") or "Microsoft refuses the sign-in.", checked)
    if tenant.status == "disconnecting":
        return _light("off", "The account is being disconnected.", checked)
    if figures.block_reason in _SIGN_IN_GONE:
        return _light("failed", "Microsoft does not accept the access token.", checked)
    expires_at = tenant.token_expires_at
    if expires_at is not None and now - expires_at >= TOKEN_LATE:
        return _light("warning", "The access token expired and could not be refreshed yet.", checked)
    return _credential(tenant, now) or _light("ok", "The sign-in works.", checked)


def _credential(tenant: AuthTenant, now: datetime) -> Light | None:
    ends = tenant.app_credential_expires_at
    if ends is None or ends - now > CREDENTIAL_SOON:
        return None
    if ends <= now:
        return _light("failed", "The app registration's secret or certificate has expired.", ends)
    days = (ends - now).days
    return _light("warning", f"The app registration's secret or certificate ends in {days} days.", now)


def _subscription(figures: Figures) -> Light:
    checked = figures.last_renewed_at
    if not figures.subscriptions:
        return _light("off", "There is no subscription.", None)
    if figures.only_polled:
        return _light("ok", "Microsoft announces nothing of a shared mailbox: it is looked at by itself.", checked)
    if not figures.active:
        waiting = not figures.failing and not figures.expired
        return _light(
            "warning" if waiting else "failed",
            "The subscription is being made." if waiting else figures.subscription_error or "The subscription expired.",
            checked,
        )
    if figures.failing or figures.expired:
        return _light("warning", figures.subscription_error or "One of the subscriptions expired.", checked)
    number = "One subscription is" if figures.active == 1 else f"{figures.active} subscriptions are"
    return _light("ok", f"{number} active.", checked)


def _intake(figures: Figures, now: datetime) -> Light:
    heard = figures.last_notification_at
    if figures.only_polled:
        failed = f"It cannot be looked at: {figures.gap_error}" if figures.gap_error else ""
        return _light("failed" if failed else "ok", failed or "It is looked at every 40 seconds.", None)
    if not figures.active:
        return _light("off", "Without an active subscription nothing is announced.", heard)
    if figures.missed_at is not None and now - figures.missed_at <= MISSED_SHOWN:
        return _light("warning", "Microsoft says that it could not deliver some notifications.", figures.missed_at)
    return _light("ok", "Notifications arrive." if heard else "No notification yet.", heard)


def _processing(figures: Figures) -> Light:
    checked = figures.last_message_at
    if figures.block_reason and figures.block_reason != "throttled":
        return _light("failed", f"Nothing is fetched: {blocked_words(figures.block_reason).cause}", checked)
    if figures.block_reason:
        return _light("warning", "Microsoft asks us to wait.", checked)
    if figures.dead_recent:
        return _light("warning", f"{figures.dead_recent:,} dead letters in the last 24 hours.", figures.last_died_at)
    if figures.retrying:
        return _light("warning", f"{figures.retrying:,} events are tried again.", checked)
    return _light("ok", "Messages are stored as they arrive." if checked else "Nothing to do yet.", checked)


def _light(state: LightState, cause: object, checked_at: datetime | None) -> Light:
    return Light(state=state, cause=str(cause), checked_at=checked_at)
