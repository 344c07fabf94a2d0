"""An audit log as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from flovify.common.audit.models import AuditFilter, Entry, Log
from flovify.common.audit.schemas import entry_id
from flovify.common.csv import line

_PAGE = 500
_COLUMNS = (
    "id",
    "at",
    "actor",
    "actor_kind",
    "action",
    "subject_kind",
    "subject",
    "outcome",
    "address",
    "correlation_id",
    "details",
)


async def csv_lines(service: str, log: Log, wanted: AuditFilter) -> AsyncIterator[str]:
    """A heading, then one line an entry, read page by page."""
    yield line(_COLUMNS)
    before: int | None = None
    while rows := await log.list(wanted, before, _PAGE):
        yield "".join(line(_values(service, row)) for row in rows)
        before = rows[-1].id


def _values(service: str, entry: Entry) -> list[object]:
    details = msgspec.json.encode(entry.details).decode()
    shown = {**vars(entry), "id": entry_id(service, entry), "details": details}
    return [shown[name] for name in _COLUMNS]
