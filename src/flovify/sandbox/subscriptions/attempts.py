"""What was posted to subscribers, for those who want to see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from flovify.sandbox.subscriptions.models import Attempt

_ATTEMPTS_KEPT = 10_000
_ITEMS_KEPT = 10_000


class AttemptLog:
    """The last ten thousand attempts, oldest first; of the last ten thousand items also what they were."""

    def __init__(self) -> None:
        self._attempts: deque[Attempt] = deque(maxlen=_ATTEMPTS_KEPT)
        self._with_body: deque[Attempt] = deque()
        self._items = 0

    def add(self, attempt: Attempt) -> None:
        """Keep an attempt; the bodies of the oldest ones make room for its own."""
        self._attempts.append(attempt)
        self._with_body.append(attempt)
        self._items += attempt.items
        while self._items > _ITEMS_KEPT:
            oldest = self._with_body.popleft()
            oldest.body = None
            self._items -= oldest.items

    def clear(self) -> None:
        self._attempts.clear()
        self._with_body.clear()
        self._items = 0

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self._attempts)


def masked(item: dict[str, Any]) -> dict[str, Any]:
    """A notification as it may be shown: clientState is a secret between subscriber and Graph."""
    return item if item.get("clientState") is None else {**item, "clientState": "***"}
