"""Filtering, sorting and paging the list of accounts, in memory: it has hundreds of rows, from two sources."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from flovify.api.accounts.schemas import Access, Account, AccountSort, AccountStatus
from flovify.api.accounts.status import SEVERITY, needs_attention
from flovify.common.errors import InvalidRequest

_NEVER = datetime.min.replace(tzinfo=UTC)
_RANK = {status: rank for rank, status in enumerate(SEVERITY)}
Key = Callable[[Account], Any]


@dataclass(frozen=True)
class AccountFilter:
    """None and empty switch a condition off."""

    q: str | None = None
    status: tuple[AccountStatus, ...] = ()
    attention: bool | None = None
    access: Access | None = None
    organization: str | None = None
    sort: AccountSort = "name"

    def as_dict(self) -> dict[str, str]:
        """What is switched on, for the audit log."""
        return {name: str(value) for name, value in vars(self).items() if value not in (None, ())}


def fits(account: Account, wanted: AccountFilter) -> bool:
    """Whether the filters leave this account."""
    return (
        (not wanted.status or account.status in wanted.status)
        and (wanted.attention is None or needs_attention(account.status) == wanted.attention)
        and (wanted.access is None or account.access == wanted.access)
        and (not wanted.organization or _of_organization(account, wanted.organization))
        and (not wanted.q or wanted.q.strip().casefold() in _searchable(account))
    )


def in_order(accounts: Sequence[Account], sort: AccountSort) -> list[Account]:
    """Sorted; what is equal stays in the order of names, then ids."""
    by_name = sorted(accounts, key=lambda account: (account.display_name.casefold(), account.id))
    key, reverse = _KEYS[sort.removeprefix("-")], sort.startswith("-")
    return by_name if sort == "name" else sorted(by_name, key=key, reverse=reverse)


def page_of(
    accounts: Sequence[Account], sort: AccountSort, after: str | None, limit: int
) -> tuple[list[Account], str | None]:
    """One page and the cursor of the next.

    The cursor names the last row and its place: should that row have moved or gone meanwhile, the place counts.
    """
    start = _start(accounts, sort, after) if after is not None else 0
    page = list(accounts[start : start + limit])
    more = start + limit < len(accounts)
    return page, _encode(sort, start + limit, page[-1]) if more and page else None


def _start(accounts: Sequence[Account], sort: AccountSort, after: str) -> int:
    wanted_sort, place, account_id = _decode(after)
    if wanted_sort != sort:
        raise InvalidRequest("`after` belongs to another order: begin anew without it", code="invalid_cursor")
    found = next((index for index, account in enumerate(accounts) if str(account.id) == account_id), None)
    return place if found is None else found + 1


def _of_organization(account: Account, wanted: str) -> bool:
    lowered = wanted.strip().casefold()
    return lowered in (account.external_tenant_id.casefold(), (account.organization_name or "").casefold())


def _searchable(account: Account) -> str:
    texts = (
        str(account.id),
        account.display_name,
        account.account_email,
        account.external_tenant_id,
        account.external_account_id,
        account.organization_name or "",
    )
    return "\n".join(texts).casefold()


_KEYS: dict[str, Key] = {
    "name": lambda account: account.display_name.casefold(),
    "status": lambda account: _RANK[account.status],
    "last_message": lambda account: account.last_message_at or _NEVER,
    "connected": lambda account: account.connected_at,
    "expiry": lambda account: account.next_expiry or datetime.max.replace(tzinfo=UTC),
}


def _encode(sort: str, place: int, last: Account) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([sort, place, str(last.id)])).rstrip(b"=").decode()


def _decode(cursor: str) -> tuple[str, int, str]:
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        sort, place, account_id = msgspec.json.decode(plain, type=tuple[str, int, str])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor") from None
    return sort, max(place, 0), account_id
