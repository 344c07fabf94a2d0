"""What the intake knows of a subscription."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownSubscription:
    """One row. `subscription_id` is None while Graph's answer to the create call is out.

    `is_check`: it belongs to a connection check, which wants to know that a notification came, and nothing more.
    The key ids say under which key each hash is, None where that is not known. `delivers`: as far as the row tells,
    Graph has this subscription now.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_id: str | None
    client_state_hash: bytes | None
    previous_client_state_hash: bytes | None
    external_tenant_id: str
    is_check: bool = False
    client_state_key_id: str | None = None
    previous_client_state_key_id: str | None = None
    delivers: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one POST that is answered with 202."""

    events: int
    dropped: int
