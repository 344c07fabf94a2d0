"""A breakage as it is kept, and what the sandbox says of itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flovify.api.sandbox_panel.schemas import BreakageName


@dataclass(frozen=True)
class KeptBreakage:
    """`undo` is what the kind needs to be undone, see `breaking`."""

    id: uuid.UUID
    kind: BreakageName
    tenant_id: uuid.UUID | None
    since: datetime
    actor: str
    undo: Mapping[str, Any]


@dataclass(frozen=True)
class SandboxUser:
    """Somebody at the sandbox; `organization` is the directory (tenant) ID."""

    id: str
    address: str
    display_name: str
    organization: str
