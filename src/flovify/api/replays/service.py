"""Starting, watching and steering replays."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection

from flovify.api.audit.store import AuditLog
from flovify.api.dead_letters.models import Selection
from flovify.api.dead_letters.service import describe
from flovify.api.dead_letters.words import words
from flovify.api.replays.models import ReplayRow, ReplayState
from flovify.api.replays.schemas import AccountCount, CauseCount, ReplayPreview, ReplayRequest, WillFailAgain
from flovify.api.replays.store import NewReplay, ReplayStore
from flovify.common.errors import Conflict, NotFound
from flovify.common.jwt import Principal

_ACCOUNTS_SHOWN = 50
_UNDER_WAY = (ReplayState.RUNNING, ReplayState.PAUSED)
# What a mailbox waits for that only people can mend; everything else passes by itself.
_BLOCKING = {
    "reconnect_required": "needs to be connected again",
    "claims_challenge": "needs to be connected again",
    "unauthorized": "needs to be connected again",
    "tenant_not_found": "was disconnected",
    "forbidden": "is refused access to its mailbox",
    "mailbox_unsupported": "has a mailbox that Microsoft does not serve",
}


class ReplayKeyUsed(Conflict):
    code = "replay_key_used"


class ReplayEnded(Conflict):
    code = "replay_ended"


class ReplayService:
    """Replays as operators see them. Each act is in the audit log, in the transaction that does it."""

    def __init__(self, store: ReplayStore, audit: AuditLog) -> None:
        self.store = store
        self._audit = audit

    async def preview(self, chosen: Selection) -> ReplayPreview:
        """What a replay of the chosen would be about."""
        causes, accounts = await self.store.causes(chosen), await self.store.accounts(chosen)
        blocked = await self._blocked(accounts)
        by_account = [AccountCount(account_id=key, count=value) for key, value in accounts.items()]
        return ReplayPreview(
            total=sum(cause.count for cause in causes),
            by_cause=[CauseCount(reason=one.reason, words=words(one.reason), count=one.count) for one in causes],
            by_account=by_account[:_ACCOUNTS_SHOWN],
            oldest_at=min((cause.oldest_at for cause in causes), default=None),
            will_fail_again=WillFailAgain(
                count=sum(accounts[key] for key in blocked), why=_why(blocked), account_ids=list(blocked)
            ),
        )

    async def start(self, principal: Principal | None, wanted: ReplayRequest) -> ReplayRow:
        """Start it, or give the one that this key already started. Raises ReplayKeyUsed."""
        chosen = wanted.selection()
        blocked: Collection[uuid.UUID] = ()
        if wanted.exclude_blocked:
            blocked = await self._blocked(await self.store.accounts(chosen))
        who = principal.email if principal else "system"
        asked = {**describe(chosen), **_digest(chosen), "exclude_blocked": wanted.exclude_blocked}
        new = NewReplay(wanted.key, asked, wanted.per_second, wanted.dry_run, who)
        async with self.store.pool.acquire() as connection, connection.transaction():
            replay_id = await self.store.insert(connection, new, chosen, blocked)
            if replay_id is not None:
                details = {**asked, "per_second": wanted.per_second, "dry_run": wanted.dry_run}
                await self._audit.record(
                    principal, "replay.started", "replay", str(replay_id), details, connection=connection
                )
        return await self.get(replay_id) if replay_id is not None else await self._started_before(new)

    async def get(self, replay_id: uuid.UUID) -> ReplayRow:
        """Raises NotFound."""
        found = await self.store.get(replay_id)
        if found is None:
            raise NotFound("There is no replay with this id; GET /api/replays lists those there are.")
        return found

    async def pause(self, principal: Principal | None, replay_id: uuid.UUID) -> ReplayRow:
        """Put nothing more back until it is resumed. Raises NotFound, ReplayEnded."""
        return await self._steer(principal, replay_id, ReplayState.PAUSED, "replay.paused")

    async def resume(self, principal: Principal | None, replay_id: uuid.UUID) -> ReplayRow:
        """Go on. Raises NotFound, ReplayEnded."""
        return await self._steer(principal, replay_id, ReplayState.RUNNING, "replay.resumed")

    async def cancel(self, principal: Principal | None, replay_id: uuid.UUID) -> ReplayRow:
        """Put nothing more back at all. Raises NotFound, ReplayEnded."""
        return await self._steer(principal, replay_id, ReplayState.CANCELLED, "replay.cancelled")

    async def _steer(
        self, principal: Principal | None, replay_id: uuid.UUID, to: ReplayState, action: str
    ) -> ReplayRow:
        async with self.store.pool.acquire() as connection, connection.transaction():
            if await self.store.steer(connection, replay_id, to, _UNDER_WAY):
                await self._audit.record(principal, action, "replay", str(replay_id), connection=connection)
        found = await self.get(replay_id)
        if found.state is not to:
            raise ReplayEnded(f"This replay is over ({found.state}); start a new one for what is still dead.")
        return found

    async def _blocked(self, accounts: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
        return await self.store.waiting_mailboxes(accounts, _BLOCKING) if accounts else {}

    async def _started_before(self, new: NewReplay) -> ReplayRow:
        found = await self.store.get_by_key(new.key)
        if found is None or found.filter != dict(new.filter) or found.dry_run != new.dry_run:
            raise ReplayKeyUsed("This key names another replay; take a new key for a new replay.")
        return found


def _digest(chosen: Selection) -> dict[str, object]:
    """Tells one list of ids from another, for the check of a key that is used again."""
    if chosen.ids is None:
        return {}
    joined = ",".join(sorted(str(one) for one in chosen.ids))
    return {"ids_digest": hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()}


def _why(blocked: dict[uuid.UUID, str]) -> str:
    """For people: what stands in the way of how many accounts."""
    if not blocked:
        return ""
    texts = sorted({_BLOCKING[reason] for reason in blocked.values()})
    accounts = "1 account" if len(blocked) == 1 else f"{len(blocked)} accounts"
    return f"{accounts}: {' or '.join(texts)}"
