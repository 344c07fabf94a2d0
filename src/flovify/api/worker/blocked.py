"""Auth is told which mailboxes cannot be served, so that an account never says `active` and nothing more."""

from __future__ import annotations

from flovify.api.auth_client import AuthClient
from flovify.api.queue.store import PostgresQueue
from flovify.common.blocked_words import counts_as_blocked
from flovify.common.db import Pool
from flovify.common.errors import Unavailable
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

TELL_SECONDS = 15.0


async def tell_blocked(queue: PostgresQueue, auth: AuthClient) -> None:
    """Send the whole list of the mailboxes blocked now; an empty one too, for it lifts what was told before.

    While auth is away this is logged and nothing else: the next run sends the list of its own moment.
    """
    blocked = [one for one in await queue.blocked() if counts_as_blocked(one.reason, one.failures)]
    try:
        await auth.tell_blocked(blocked)
    except Unavailable as error:
        get_logger().warning("blocked_not_told", blocked=len(blocked), error=error.problem_code)


def blocked_task(pool: Pool, queue: PostgresQueue, auth: AuthClient) -> PeriodicTask:
    """Every 15 seconds, once however many workers there are."""
    return PeriodicTask(pool, "api", "tell_blocked", TELL_SECONDS, lambda: tell_blocked(queue, auth))
