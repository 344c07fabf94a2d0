"""`python -m tests.fuzz PARSER [options of libFuzzer] FOLDER...`: bytes made up by atheris, led by what they reach.

What a parser promises is checked for each input; whatever else it raises ends the run with the input that did it.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable

import atheris

# Only what is instrumented leads the fuzzer on; the standard library's parsers are where the branches are.
with atheris.instrument_imports(include=["flovify", "email", "html", "json"], enable_loader_override=False):
    from flovify.api.graph.normalize import normalize
    from flovify.api.graph.transport import decode
    from flovify.api.intake.differences import differences
    from flovify.api.intake.errors import Refused
    from flovify.api.intake.events import to_event
    from flovify.api.intake.models import KnownSubscription
    from flovify.api.intake.parse import parse
    from flovify.api.messages.html_text import html_to_text
    from flovify.sandbox.mail.mime import convert

_KNOWN = KnownSubscription(uuid.UUID(int=1), uuid.UUID(int=2), "ms365", "s", None, None, "t")


def notification(data: bytes) -> None:
    """Refused, or items of which each becomes an event that PostgreSQL can hold."""
    try:
        items, _ = parse(data)
    except Refused:
        return
    for item in items:
        item.raw.decode()
        list(differences(item, _KNOWN))
        event = to_event(item, _KNOWN)
        assert "\x00" not in f"{event.message_id}{event.change_type}{event.subscription_id}{event.item}"


def message(data: bytes) -> None:
    """Any JSON object of Graph's becomes a message of clean texts."""
    found = decode(data)
    if isinstance(found, dict):
        for one in (normalize(found, "asked for").subject, normalize(found, "asked for").body_text):
            (one or "").encode()
            assert "\x00" not in (one or "")


def html(data: bytes) -> None:
    """Any text becomes a text."""
    html_to_text(data.decode("utf-8", "replace"))


def mime(data: bytes) -> None:
    """The sandbox reads any source, and all that is made of it can be asked for."""
    content = convert(data)
    for wanted in ("text", None):
        content.body(wanted)[1].encode("utf-8", "surrogatepass")
    assert content.preview is not None
    assert content.meeting is not None


PARSERS: dict[str, Callable[[bytes], None]] = {one.__name__: one for one in (notification, message, html, mime)}


def main() -> None:
    atheris.Setup([sys.argv[0], *sys.argv[2:]], PARSERS[sys.argv[1]])
    atheris.Fuzz()


main()
