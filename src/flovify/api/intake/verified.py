"""Secrets that were found right a moment ago, so that the next notification of a subscription costs no HMAC."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.api.intake.known import Entry, KnownSubscriptions
from flovify.api.intake.models import KnownSubscription

MAX_VERIFIED = 100_000


@dataclass(frozen=True, slots=True)
class Verified:
    """A subscription whose secret was right, and of it what each event repeats, as text."""

    entry: Entry
    known: KnownSubscription
    subscription_id: str
    external_tenant_id: str
    tenant_id: str
    row_id: str
    key_prefix: str


class VerifiedSecrets:
    """By the secret itself, in this process's memory alone.

    Good only as long as what is known of the subscription is the same entry: whatever is read again, announced as
    changed or too old is checked again in full.
    """

    def __init__(self, known: KnownSubscriptions) -> None:
        self._known = known
        self._by_secret: dict[str, Verified] = {}

    def get(self, secret: str) -> Verified | None:
        """None: it has to be checked."""
        found = self._by_secret.get(secret)
        if found is None:
            return None
        if self._known.entry(found.known.id) is not found.entry:
            del self._by_secret[secret]
            return None
        return found

    def remember(self, secret: str, known: KnownSubscription) -> None:
        """`secret` was right for `known`, under the first key and as its present one."""
        entry = self._known.entry(known.id)
        if entry is None or entry[0] is not known or known.subscription_id is None:
            return
        if len(self._by_secret) >= MAX_VERIFIED:
            self._by_secret.clear()
        self._by_secret[secret] = Verified(
            entry,
            known,
            known.subscription_id,
            known.external_tenant_id.lower(),
            known.tenant_id.hex,
            known.id.hex,
            str(known.id),
        )
