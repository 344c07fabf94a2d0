"""Reading raw mail with Python's `email` package, without ever failing.

The package raises on some real mail (headers it cannot parse, charsets it does not know, nesting that is too deep).
Here every access has a fallback: what cannot be decoded becomes U+FFFD, what cannot be parsed is taken as text.
"""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    _EmailPolicy = policy.EmailPolicy[EmailMessage]
else:
    _EmailPolicy = policy.EmailPolicy

T = TypeVar("T")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]+")
# Neither refolds headers nor re-encodes them: an attached message comes out as it went in.
_AS_IS = policy.compat32.clone(max_line_length=None)
_PLAIN = re.compile(r"[\x20-\x7e\t\r\n]*")
_CACHED_CHARACTERS = 500
_OLDEST = datetime(1601, 1, 1, tzinfo=UTC)


class _CachingPolicy(_EmailPolicy):
    """`policy.default`, except that a header line seen lately is not parsed again.

    The stock policy parses a header at each access, which is nearly all the time a message takes; mail repeats the same
    Content-Type, From and To lines. Header values are immutable strings, so that they can be shared.
    """

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if len(value) > _CACHED_CHARACTERS:
            return super().header_fetch_parse(name, value)
        return _parsed_header(name.lower(), value)


@lru_cache(maxsize=4096)
def _parsed_header(name: str, value: str) -> Any:
    return policy.default.header_fetch_parse(name, value)


_POLICY = _CachingPolicy()


def parse(raw: bytes) -> EmailMessage:
    """The message as the `email` package sees it under `policy.default`; headers and one text body if it gives up."""
    try:
        return email.message_from_bytes(raw, policy=_POLICY)
    except Exception:  # noqa: BLE001 - hostile nesting and bugs of the parser: the headers are still worth having
        return _headers_only(raw)


def _headers_only(raw: bytes) -> EmailMessage:
    """The headers, without those on content, which the parser may fail on, over everything else as one text."""
    headers, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lenient = BytesHeaderParser(policy=policy.compat32).parsebytes(headers + b"\n\n")
    message = EmailMessage(policy=_POLICY)
    for name, value in lenient.raw_items():
        if not name.lower().startswith("content-"):
            message.set_raw(name, value)
    message.set_payload(body.decode("utf-8", "replace"))
    return message


def attempt(read: Callable[[], T], fallback: T) -> T:
    """`read()`, or `fallback` when the `email` package fails on this input, in whatever way."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - the library's failures on malformed mail have no common class
        return fallback


def clean(text: str) -> str:
    """Text that can be written as UTF-8: bytes the parser could not decode become U+FFFD, NUL stays."""
    return _SURROGATES.sub("\ufffd", text)


def unstructured(message: Message[Any, Any], name: str) -> str | None:
    """As `header`, quicker: free text in plain ASCII without encoded words needs no parser."""
    value = next((value for key, value in message.raw_items() if key.lower() == name), None)
    if isinstance(value, str) and "=?" not in value and _PLAIN.fullmatch(value):
        return _FOLD.sub("", value)
    return header(message, name)


def header(message: Message[Any, Any], name: str) -> str | None:
    """The decoded, unfolded value of the first such header; None when there is none."""
    value = attempt(lambda: _known(message, name), None)
    if value is not None:
        return value
    # Absent, or the header parser fails on it: then it is shown undecoded.
    return next((value for key, value in raw_headers(message) if key.lower() == name.lower()), None)


def _known(message: Message[Any, Any], name: str) -> str | None:
    value = message[name]
    return None if value is None else clean(_FOLD.sub("", str(value)))


def raw_headers(message: Message[Any, Any]) -> Iterator[tuple[str, str]]:
    """All headers in order, unfolded, encoded words left as they are."""
    for name, value in message.raw_items():
        yield clean(str(name)), _decoded_bytes(_FOLD.sub("", str(value)).strip())


def _decoded_bytes(value: str) -> str:
    """Raw eight-bit header bytes as UTF-8 where they are that."""
    return clean(attempt(lambda: value.encode("ascii", "surrogateescape").decode("utf-8"), value))


def addresses(message: Message[Any, Any], name: str) -> list[tuple[str, str]]:
    """(display name, address) of every mailbox in all headers of that name, groups flattened; either may be empty."""
    found: list[tuple[str, str]] = []
    values: list[Any] = attempt(lambda: message.get_all(name, []), [])
    for value in values:
        for entry in _entries(value):
            pair = _one_line(entry.display_name), _one_line(_spec(entry))
            if any(pair):
                found.append(pair)
    return found


def _entries(value: Any) -> tuple[Address, ...]:
    return attempt(lambda: tuple(value.addresses), ())


def _spec(entry: Address) -> str:
    return attempt(lambda: entry.addr_spec, entry.username) if entry.domain else entry.username


def _one_line(text: str | None) -> str:
    return clean(_FOLD.sub("", text or ""))


def date(message: Message[Any, Any]) -> datetime | None:
    """The Date header in UTC; None when absent, unreadable, or outside what Exchange can hold. No zone means UTC."""

    def read() -> datetime | None:
        value = message["date"]
        moment: datetime | None = value.datetime if value is not None else None
        if moment is None:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment if moment >= _OLDEST else None

    return attempt(read, None)


def payload_bytes(part: Message[Any, Any]) -> bytes:
    """A leaf's content after its transfer encoding is undone; the source form when that fails."""
    content = attempt(lambda: part.get_payload(decode=True), None)
    if isinstance(content, bytes):
        return content
    source: Any = attempt(part.get_payload, None)
    return source.encode("utf-8", "surrogateescape") if isinstance(source, str) else b""


def text(part: Message[Any, Any]) -> str:
    """A text part's characters, with CRLF line ends.

    The charset named is believed first, then UTF-8, then Windows-1252 as mail programs do; what fits none becomes
    U+FFFD.
    """
    content = payload_bytes(part)
    named = attempt(part.get_content_charset, None)
    decoded = _decode(content, named) if named else _guess(content)
    return re.sub(r"\r?\n", "\r\n", clean(decoded))


def _decode(content: bytes, charset: str) -> str:
    return attempt(lambda: content.decode(charset, "replace"), None) or _guess(content)


def _guess(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def embedded_bytes(part: Message[Any, Any], line_end: str) -> bytes:
    """The source of the message(s) inside a message/* part."""
    inner: Any = attempt(part.get_payload, None)
    if not isinstance(inner, list):
        return payload_bytes(part)
    settings = _AS_IS.clone(linesep=line_end)
    return b"".join(_as_bytes(one, settings) for one in inner)


def _as_bytes(message: Message[Any, Any], settings: policy.Policy[Any]) -> bytes:
    written = attempt(lambda: message.as_bytes(policy=settings), None)
    return written if written is not None else payload_bytes(message)
