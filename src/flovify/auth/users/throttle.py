"""How soon somebody may try a password again: by account, by network, and apart for browsers that are known.

The rule is OWASP's "Slow Down Online Guessing Attacks with Device Cookies": who guesses at an account makes all unknown
browsers wait, not the one in which its owner signed in before; no lock is permanent (ASVS 5.0, 6.1.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flovify.auth.errors import SignInDelayed
from flovify.auth.kept_hash import kept_hash
from flovify.auth.users.models import Origin
from flovify.auth.users.store import UserStore
from flovify.common.caller import network_of
from flovify.common.db import Connection

FREE_FAILURES = 5
MAX_DELAY_SECONDS = 30.0


@dataclass(frozen=True)
class Try:
    """One try to sign in: what its failure counts against, and what its success clears.

    `network` is whose place in the queue for the hasher it takes; empty for a known browser, which has a place kept.
    """

    account: str
    counted: tuple[str, ...]
    network: str = ""

    @property
    def known(self) -> bool:
        """Whether it comes from a browser in which this account's owner signed in before."""
        return self.account.startswith("device:")


class Throttle:
    """Reads and writes failures through the store; delays double from the sixth failure on, up to half a minute."""

    def __init__(self, store: UserStore) -> None:
        self._store = store

    async def begin(self, email: str, origin: Origin) -> Try:
        """What a try counts against. Raises SignInDelayed, before anything dear is done for it."""
        found = await self._known_browser(email, origin.device) or _unknown(email, origin.address)
        await self.check(found.counted)
        return found

    async def check(self, subjects: Sequence[str], connection: Connection | None = None) -> None:
        """Raises SignInDelayed while one of them has to wait."""
        waits = [_wait(*(await self._store.recent_failures(subject, connection))) for subject in subjects]
        if (longest := max(waits, default=0.0)) > 0:
            raise SignInDelayed(longest)

    async def lock(self, subjects: Sequence[str], connection: Connection) -> None:
        """Let nobody else try for the same ones until the transaction ends."""
        # Always in one order, so that no two tries wait for each other.
        for subject in sorted(subjects):
            await self._store.lock_subject(subject, connection)

    async def note(self, one: Try, connection: Connection, *, fits: bool) -> None:
        """A failure counts against all that the try is counted by; a success clears the account's or browser's only."""
        if fits:
            # Not the network's: with one account of one's own it would be cleared while guessing at others.
            await self._store.forget_failures(one.account, connection)
            return
        for subject in one.counted:
            await self._store.add_failure(subject, connection)

    async def _known_browser(self, email: str, device: str) -> Try | None:
        """None for a browser that is not known, or one that failed so often that it is one like others again."""
        if not device or not await self._store.use_device(kept_hash(device), email):
            return None
        subject = f"device:{kept_hash(device).hex()}"
        failures, _ = await self._store.recent_failures(subject)
        return Try(subject, (subject,)) if failures < FREE_FAILURES else None


def _unknown(email: str, address: str) -> Try:
    account = f"account:{kept_hash(email.lower()).hex()}"
    network = network_of(address)
    return Try(account, (account, f"network:{network}") if network else (account,), network or "none")


def _wait(failures: int, since: float) -> float:
    if failures < FREE_FAILURES:
        return 0.0
    return min(MAX_DELAY_SECONDS, 2.0 ** min(failures - FREE_FAILURES, 10)) - since
