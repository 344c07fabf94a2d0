"""What needs somebody, the worst first, and the one sentence above it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from flovify.api.accounts.schemas import Account, AccountStatus
from flovify.api.accounts.status import SEVERITY, STATUSES, needs_attention
from flovify.api.overview.health import LAG_WARNING_SECONDS, SKEW_WARNING_SECONDS, Vitals, alive
from flovify.api.overview.models import Cause
from flovify.api.overview.schemas import AttentionItem, HealthItem, Level, Sentence

MOST = 20
# More of one kind than this are one line.
SINGLY = 3
SECRET_SOON = timedelta(days=30)
SYSTEM, LIST, DEAD = "/settings/system", "/admin/tenants", "/dead-letters"
_LEVEL_RANK: dict[Level, int] = {"error": 0, "warning": 1, "ok": 2}
_WHAT: dict[AccountStatus, tuple[str, str]] = {
    "consent_revoked": ("organisations took their consent back", "Ask for consent"),
    "blocked": ("accounts are connected, but cannot be served", "See them"),
    "failing": ("accounts fail", "See them"),
    "sign_in_required": ("accounts wait for their owners to sign in again", "Send links"),
    "no_subscription": ("accounts are not watched", "Watch them"),
    "degraded": ("accounts work, but late or not completely", "See them"),
}


def attention(
    accounts: Sequence[Account], health: Iterable[HealthItem], vitals: Vitals, causes: Sequence[Cause]
) -> list[AttentionItem]:
    """At most twenty items."""
    items = [
        *_of_installation(health, vitals),
        *_of_accounts(accounts),
        *_of_credentials(accounts, vitals.at),
        *_of_dead_letters(causes),
    ]
    return sorted(items, key=lambda item: _LEVEL_RANK[item.level])[:MOST]


def sentence(accounts: Sequence[Account] | None, vitals: Vitals, items: Sequence[AttentionItem]) -> Sentence:
    """How things stand. `accounts` is None while they cannot be had."""
    if not alive(vitals):
        return Sentence(level="error", text="No worker is running: messages wait in the queue.", link=SYSTEM)
    if accounts is None:
        text = "The auth service does not answer. What is connected goes on as long as its tokens last."
        return Sentence(level="error", text=text, link=SYSTEM)
    if not accounts:
        return Sentence(level="ok", text="Nothing connected yet.", link=f"{LIST}?connect=1")
    needing = [one for one in accounts if needs_attention(one.status)]
    if needing:
        worst = any(STATUSES[one.status].level == "error" for one in needing)
        text = f"{len(needing):,} of {_accounts(len(accounts))} {'needs' if len(needing) == 1 else 'need'} you."
        return Sentence(level="error" if worst else "warning", text=text, link=f"{LIST}?attention=true")
    which = "The account is" if len(accounts) == 1 else f"All {len(accounts):,} accounts are"
    text = f"{which} working.{_last_message(accounts, vitals.at)}"
    return Sentence(level="warning" if items else "ok", text=text, link=None)


def _of_installation(health: Iterable[HealthItem], vitals: Vitals) -> Iterable[AttentionItem]:
    """What the strip shows as failed, and a queue or a clock that is no longer good."""
    texts = {
        "auth": "The auth service does not answer",
        "workers": "No worker is running",
        "queue": "The queue is behind",
        "intake": "Notifications are refused until there is room",
        "public_url": "The webhook's address does not answer as Microsoft needs it",
        "graph": "Microsoft Graph does not answer",
        "clock": "A clock is wrong",
    }
    early = {"queue": vitals.depth.oldest_seconds >= LAG_WARNING_SECONDS, "clock": _skewed(vitals)}
    for item in health:
        if item.name in texts and (item.state == "failed" or early.get(item.name)):
            level: Level = "error" if item.state == "failed" else "warning"
            since = vitals.auth_away_since if item.name == "auth" else None
            yield _item(f"system.{item.name}", level, texts[item.name], item.detail, since, SYSTEM, "Open system")


def _of_accounts(accounts: Sequence[Account]) -> Iterable[AttentionItem]:
    for status in SEVERITY:
        if not needs_attention(status):
            continue
        found = [one for one in accounts if one.status == status]
        level: Level = "error" if STATUSES[status].level == "error" else "warning"
        if len(found) > SINGLY:
            text, label = _WHAT[status]
            link = f"{LIST}?status={status}"
            cause = STATUSES[status].meaning
            yield _item(f"account.{status}", level, f"{len(found):,} {text}", cause, _since(found), link, label)
        else:
            yield from (_of_account(one, level) for one in found)


def _of_account(account: Account, level: Level) -> AttentionItem:
    return AttentionItem(
        kind=f"account.{account.status}",
        level=level,
        text=f"{account.display_name}: {account.status_word.lower()}",
        cause=account.cause or STATUSES[account.status].meaning,
        since=account.reason.at if account.reason else None,
        account_id=account.id,
        link=f"{LIST}/{account.id}",
        action_label=(account.action.label if account.action else "") or "Open",
    )


def _of_credentials(accounts: Sequence[Account], now: datetime) -> Iterable[AttentionItem]:
    """Secrets and certificates that end soon; those that have ended show as failing accounts."""
    ending = {
        one.registration_id: one.app_credential_expires_at
        for one in accounts
        if one.app_credential_expires_at and now < one.app_credential_expires_at <= now + SECRET_SOON
    }
    for registration_id, ends_at in ending.items():
        users = sum(one.registration_id == registration_id for one in accounts)
        days = (ends_at - now).days
        text = f"An app registration's secret or certificate ends in {days} day{'' if days == 1 else 's'}"
        cause = f"{_accounts(users)} stop working then. Add a new one before, both work side by side."
        level: Level = "error" if days < 7 else "warning"
        yield _item("credential", level, text, cause, None, "/settings/registrations", "Renew it")


def _of_dead_letters(causes: Sequence[Cause]) -> Iterable[AttentionItem]:
    total = sum(cause.count for cause in causes)
    if not total:
        return
    fresh = sum(cause.last_hour for cause in causes)
    text = f"{total:,} dead letter{'' if total == 1 else 's'}"
    cause = f"{fresh:,} of them in the last hour." if fresh else "None in the last hour."
    since = min(one.first_at for one in causes)
    yield _item("dead_letters", "warning", text, cause, since, DEAD, "Look and replay")


def _skewed(vitals: Vitals) -> bool:
    skews = [vitals.skew_seconds, *(worker.skew_seconds for worker in alive(vitals))]
    return any(abs(skew) >= SKEW_WARNING_SECONDS for skew in skews)


def _since(accounts: Sequence[Account]) -> datetime | None:
    moments = [one.reason.at for one in accounts if one.reason and one.reason.at]
    return min(moments, default=None)


def _last_message(accounts: Sequence[Account], now: datetime) -> str:
    last = max((one.last_message_at for one in accounts if one.last_message_at), default=None)
    if last is None:
        return " Waiting for the first message."
    return f" Last message {_ago((now - last).total_seconds())}."


def _ago(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        number = int(seconds // size)
        if number >= 1:
            return f"{number} {name}{'' if number == 1 else 's'} ago"
    return "just now"


def _accounts(number: int) -> str:
    return f"{number:,} account{'' if number == 1 else 's'}"


def _item(
    kind: str, level: Level, text: str, cause: str, since: datetime | None, link: str, label: str
) -> AttentionItem:
    return AttentionItem(
        kind=kind, level=level, text=text, cause=cause, since=since, account_id=None, link=link, action_label=label
    )
