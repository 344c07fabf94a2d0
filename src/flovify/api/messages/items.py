"""An attached item's source.

Of a message it is its MIME, of a contact a vCard, of an event iCalendar (graph/api/attachment-get). Which of the three
stands neither in the list of attachments nor reliably in the answer's Content-Type (text/plain has been seen), but at
the beginning of the source itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp

from flovify.api.providers.errors import ProviderUnavailable
from flovify.common.http import ResponseTooLarge


@dataclass(frozen=True)
class Form:
    """How an item is offered for saving. `ending` has its dot."""

    media_type: str
    ending: str


MESSAGE = Form("message/rfc822", ".eml")
_OTHERS = {b"BEGIN:VCALENDAR": Form("text/calendar", ".ics"), b"BEGIN:VCARD": Form("text/vcard", ".vcf")}


def form_of(beginning: bytes) -> Form:
    """The form of a source by its first bytes: a message unless it says that it is something else."""
    shown = beginning[:100].removeprefix(b"\xef\xbb\xbf").lstrip().upper()
    return next((form for mark, form in _OTHERS.items() if shown.startswith(mark)), MESSAGE)


async def look_into(chunks: AsyncIterator[bytes]) -> tuple[Form, AsyncIterator[bytes]]:
    """The form of a source that is being streamed, and its stream. Raises ProviderUnavailable if it breaks off."""
    try:
        first = await anext(chunks, b"")
    except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
        raise ProviderUnavailable(f"the answer broke off ({type(error).__name__})") from None

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return form_of(first), whole()
