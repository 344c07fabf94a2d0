"""What other features may ask about accounts: their names."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Protocol


class KnownAccount(Protocol):
    """What a list says of an account."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def display_name(self) -> str: ...

    @property
    def account_email(self) -> str: ...


class AccountNames(Protocol):
    """See `AccountDirectory`."""

    async def names(self) -> Mapping[uuid.UUID, KnownAccount]:
        """The accounts by id, as far as they are known: empty while auth cannot be asked. Raises nothing for that."""
        ...
