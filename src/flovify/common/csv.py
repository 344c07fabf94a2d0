"""Exports as CSV (RFC 4180): UTF-8, times in UTC, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from starlette.responses import StreamingResponse

MEDIA_TYPE = "text/csv; charset=utf-8"
# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection): subjects and names come from outside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(values: Iterable[object]) -> str:
    """One line with its line end. None is an empty cell; a time is written as RFC 3339 in UTC."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(value) for value in values])
    return out.getvalue()


def attachment(lines: AsyncIterator[str], name: str) -> StreamingResponse:
    """The lines as a file for the browser to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=MEDIA_TYPE, headers=headers)


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return f"'{text}" if text.startswith(_FORMULA) else text
    return "" if value is None else value
