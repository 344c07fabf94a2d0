"""Compares a stored message, as the API shows it, with what Python's own parser finds in the mail's source."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import Any

Addresses = list[tuple[str, str]]
Attachments = Counter[tuple[str, int | None]]
SURROGATES = re.compile("[\ud800-\udfff]+")


@dataclass(frozen=True)
class Explained:
    """A difference that is on purpose: where it may be, when it is one of these, and why it is right."""

    field: str
    holds: Callable[[Any, Any], bool]
    why: str


# Each entry is a rule, not a file: whatever mail it fits, the stored value is the better or the only possible one.
# `found` is what the parser finds, `stored` what the API shows.
DIFFERENCES = (
    Explained("subject", lambda found, stored: found is None and stored in ("", None), "no Subject is an empty one"),
    Explained("date", lambda found, stored: found is None and stored is not None, "no readable Date: time of receipt"),
    Explained(
        "from,to,cc,bcc,reply_to",
        lambda found, stored: _without_names(found) == _without_names(stored) and _only_added_names(found, stored),
        "Graph shows the address as the name of a person who has none",
    ),
    Explained(
        "subject,from,to,cc,bcc,reply_to",
        lambda found, stored: _readable(found) == _readable(stored),
        "bytes that belong to no character are U+FFFD: PostgreSQL and JSON have no lone surrogates",
    ),
    Explained(
        "attachments",
        lambda found, stored: not _sized(found) - stored and _only_made_up(found, stored),
        "parts without a file name are named as Exchange names them, and are shown too",
    ),
    Explained(
        "attachments",
        lambda found, stored: bool(_messages(found)) and not _sized(found) - stored and _names(found) <= _names(stored),
        "an attached message has the size of its source written out again, which the parser does not keep",
    ),
)


@dataclass(frozen=True)
class Difference:
    """A field in which the stored message differs, and the entries of the table that explain it."""

    field: str
    found: Any
    stored: Any
    reasons: list[str]


def explain_differences(name: str, source: bytes, message: dict[str, Any]) -> list[str]:
    """What is different without being in the table, as sentences; empty when the stored message agrees."""
    return unexplained(name, compare(source, message))


def compare(source: bytes, message: dict[str, Any]) -> list[Difference]:
    """All differences, explained or not."""
    found, stored = what_the_parser_finds(source), what_is_stored(message)
    return [
        Difference(field, found[field], stored[field], _reasons(field, found[field], stored[field]))
        for field in found
        if found[field] != stored[field]
    ]


def unexplained(name: str, differences: list[Difference]) -> list[str]:
    """Those without a reason, as sentences."""
    return [
        f"{name}: {one.field}: the parser finds {one.found!r}, stored is {one.stored!r}"
        for one in differences
        if not one.reasons
    ]


def what_the_parser_finds(source: bytes) -> dict[str, Any]:
    """Subject, people, date, attachments' names and sizes by `email.policy.default`."""
    parsed = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return {
        "subject": _subject(parsed),
        "from": _people(parsed, "From"),
        "to": _people(parsed, "To"),
        "cc": _people(parsed, "Cc"),
        "bcc": _people(parsed, "Bcc"),
        "reply_to": _people(parsed, "Reply-To"),
        "date": _date(parsed),
        "attachments": Counter(_attachments(parsed)),
    }


def what_is_stored(message: dict[str, Any]) -> dict[str, Any]:
    """The same of a message as `GET /api/messages/{id}` shows it."""

    def people(values: list[dict[str, Any]]) -> Addresses:
        return [(value["name"] or "", value["address"] or "") for value in values]

    return {
        "subject": message["subject"],
        "from": people([message["from"]] if message["from"] else []),
        **{field: people(message[field]) for field in ("to", "cc", "bcc", "reply_to")},
        "date": datetime.fromisoformat(message["sent_at"]) if message["sent_at"] else None,
        "attachments": Counter((item["name"], item["size"]) for item in message["attachments"]),
    }


def _reasons(field: str, found: Any, stored: Any) -> list[str]:
    return [item.why for item in DIFFERENCES if field in item.field.split(",") and item.holds(found, stored)]


def _subject(parsed: EmailMessage) -> str | None:
    value = _header(parsed, "Subject")
    return None if value is None else " ".join(str(value).split())


def _people(parsed: EmailMessage, name: str) -> Addresses:
    found: Addresses = []
    for value in _all_headers(parsed, name):
        if hasattr(value, "addresses"):
            found += [(item.display_name, item.addr_spec) for item in value.addresses]
        else:
            found += getaddresses([str(value)])
    return [person for person in found if person != ("", "")]


def _date(parsed: EmailMessage) -> datetime | None:
    value = _header(parsed, "Date")
    moment = getattr(value, "datetime", None)
    if not isinstance(moment, datetime):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _attachments(part: Message) -> Iterator[tuple[str, int | None]]:
    """(name, size) of each named file, and (name or subject, None) of each attached message, which is not opened."""
    name = part.get_filename()
    if part.get_content_maintype() == "message" and part.is_multipart():
        inner = part.get_payload(0)
        shown = name or (inner["Subject"] if isinstance(inner, Message) else None)
        if shown:
            yield str(shown), None
    elif part.is_multipart():
        for child in part.iter_parts() if isinstance(part, EmailMessage) else ():
            yield from _attachments(child)
    elif name:
        payload = part.get_payload(decode=True)
        yield str(name), len(payload) if isinstance(payload, bytes) else 0


def _header(parsed: EmailMessage, name: str) -> Any:
    return next(iter(_all_headers(parsed, name)), None)


def _all_headers(parsed: EmailMessage, name: str) -> list[Any]:
    """The header's values; its text as it stands where the parser itself gives up."""
    try:
        return parsed.get_all(name, [])
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return [value for key, value in parsed.raw_items() if key.lower() == name.lower()]


def _without_names(people: Addresses) -> list[str]:
    return [address for _, address in people]


def _only_added_names(found: Addresses, stored: Addresses) -> bool:
    pairs = zip(found, stored, strict=True)
    return all(mine == theirs or (not mine[0] and theirs[0] == theirs[1]) for mine, theirs in pairs)


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("\ufffd+", "\ufffd", SURROGATES.sub("\ufffd", value))
    if isinstance(value, list):
        return [(_readable(name) or _readable(address), _readable(address)) for name, address in value]
    return value


def _sized(found: Attachments) -> Attachments:
    return Counter(item for item in found.elements() if item[1] is not None)


def _messages(found: Attachments) -> Attachments:
    return found - _sized(found)


def _names(found: Attachments) -> Counter[str]:
    return Counter(name for name, _ in found.elements())


def _only_made_up(found: Attachments, stored: Attachments) -> bool:
    added = _names(stored) - _names(found)
    return bool(added) and all(re.fullmatch(r"ATT\d{5}(\.\w+)?", name) for name in added)
