"""Messages of which only the source can be had."""

from __future__ import annotations

from flovify.api.messages.clean import Cleaner
from flovify.api.messages.models import NormalizedMessage


def minimal(provider_message_id: str, raw_source: bytes | None, note: str) -> NormalizedMessage:
    """A message of which only the source could be had: stored with it, and with a note that says why."""
    cleaner = Cleaner()
    return NormalizedMessage(
        provider_message_id=cleaner.text(provider_message_id), raw_source=raw_source, decode_note=cleaner.text(note)
    )
