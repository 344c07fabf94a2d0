"""Which client assertions have been used; a replay is refused only where a test asked for it."""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 10_000


class Assertions:
    """The last ten thousand `jti`, by application; in memory."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def first_use(self, client_id: str, jti: str) -> bool:
        """Remember the use; says whether it was the first."""
        key = (client_id, jti)
        known = key in self._seen
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return not known

    def clear(self) -> None:
        self._seen.clear()
