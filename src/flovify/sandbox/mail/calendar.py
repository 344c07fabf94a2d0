"""Meeting messages: what a text/calendar part says (RFC 5545, 5546, 6047), as far as Graph repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# What the method makes of a message (graph/api/resources/eventmessage).
DERIVED_TYPES = {"REQUEST": "eventMessageRequest", "REPLY": "eventMessageResponse", "CANCEL": "eventMessage"}
EVENT_TYPES = tuple(sorted(DERIVED_TYPES.values()))
_LINE = re.compile(r'(?P<name>[\w-]+)(?P<parameters>(?:;(?:"[^"]*"|[^":])*)?):(?P<value>.*)')
_PARAMETER = re.compile(r';([\w-]+)=("[^"]*"|[^;]*)')
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Moment:
    """A time as Graph writes a dateTimeTimeZone: in UTC, or as it stands where its zone is not known here."""

    date_time: str
    time_zone: str


@dataclass(frozen=True)
class Meeting:
    """The first event of a calendar part. `answer` is the attendee's PARTSTAT in lower case, empty without one."""

    starts: Moment | None
    ends: Moment | None
    all_day: bool
    location: str
    recurring: bool
    answer: str
    wants_answer: bool


NO_MEETING = Meeting(None, None, all_day=False, location="", recurring=False, answer="", wants_answer=True)


@dataclass(frozen=True)
class _Line:
    name: str
    parameters: dict[str, str]
    value: str


def read_meeting(content: bytes) -> Meeting:
    """Never fails: what cannot be read is as if it were not there."""
    lines: dict[str, _Line] = {}
    for line in _event_lines(content.decode("utf-8", "replace")):
        lines.setdefault(line.name, line)
    starts, attendee, location = lines.get("DTSTART"), lines.get("ATTENDEE"), lines.get("LOCATION")
    parameters = attendee.parameters if attendee else {}
    return Meeting(
        starts=_moment(starts),
        ends=_moment(lines.get("DTEND")),
        all_day=starts is not None and _DATE.fullmatch(starts.value) is not None,
        location=_ESCAPED.sub(r"\1", location.value) if location else "",
        recurring="RRULE" in lines,
        answer=parameters.get("PARTSTAT", "").lower(),
        wants_answer=parameters.get("RSVP", "TRUE").upper() == "TRUE",
    )


def _event_lines(text: str) -> Iterator[_Line]:
    """The content lines of the first VEVENT, unfolded, those of alarms within left out."""
    open_parts: list[str] = []
    for raw in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        found = _LINE.fullmatch(raw)
        name = found["name"].upper() if found else ""
        if found and name == "BEGIN":
            open_parts.append(found["value"].strip().upper())
        elif name == "END" and open_parts:
            if open_parts.pop() == "VEVENT":
                return
        elif found and open_parts[-1:] == ["VEVENT"]:
            given = {key.upper(): value.strip('"') for key, value in _PARAMETER.findall(found["parameters"])}
            yield _Line(name, given, found["value"].strip())


def _moment(line: _Line | None) -> Moment | None:
    """Seven digits after the second, as Graph writes them."""
    if line is None:
        return None
    zone = "UTC" if line.value.endswith("Z") else line.parameters.get("TZID", "UTC")
    try:
        local = datetime.strptime(line.value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone stands beside it
    except ValueError:
        return _day(line.value)
    try:
        moment, zone = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        moment = local
    return Moment(moment.replace(tzinfo=None).isoformat(timespec="seconds") + ".0000000", zone)


def _day(value: str) -> Moment | None:
    """A date without a time is the beginning of that day."""
    found = _DATE.fullmatch(value)
    return Moment("-".join(found.groups()) + "T00:00:00.0000000", "UTC") if found else None
