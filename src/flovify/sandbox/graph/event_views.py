"""What meeting messages show beside a message (graph/api/resources/eventmessage, …request, …response)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flovify.sandbox.graph.errors import bad_request
from flovify.sandbox.mail.calendar import Meeting, Moment
from flovify.sandbox.mail.mime import MailContent

_PREFIX = "microsoft.graph."
# "Tenatively" is Microsoft's own spelling (META: meetingMessageType).
_ANSWERS = {
    "accepted": ("meetingAccepted", "accepted"),
    "tentative": ("meetingTenativelyAccepted", "tentativelyAccepted"),
    "declined": ("meetingDeclined", "declined"),
}


def _answer(meeting: Meeting) -> tuple[str, str]:
    """(meetingMessageType, responseType) of an answer; one that does not say is taken as yes."""
    return _ANSWERS.get(meeting.answer, _ANSWERS["accepted"])


def _message_type(derived: str, meeting: Meeting) -> str:
    if derived == "eventMessageResponse":
        return _answer(meeting)[0]
    return "meetingRequest" if derived == "eventMessageRequest" else "meetingCancelled"


def _time(moment: Moment | None) -> dict[str, str] | None:
    return None if moment is None else {"dateTime": moment.date_time, "timeZone": moment.time_zone}


def _location(meeting: Meeting) -> dict[str, str] | None:
    if not meeting.location:
        return None
    return {"displayName": meeting.location, "locationType": "default", "uniqueIdType": "unknown"}


Read = Callable[[str, Meeting], Any]
_EVENT: dict[str, Read] = {
    "meetingMessageType": _message_type,
    "type": lambda _, meeting: "seriesMaster" if meeting.recurring else "singleInstance",
    "isOutOfDate": lambda _, _meeting: False,
    "isAllDay": lambda _, meeting: meeting.all_day,
    "isDelegated": lambda _, _meeting: False,
    "startDateTime": lambda _, meeting: _time(meeting.starts),
    "endDateTime": lambda _, meeting: _time(meeting.ends),
    "location": lambda _, meeting: _location(meeting),
    "recurrence": lambda _, _meeting: None,
}
_REQUEST: dict[str, Read] = {
    "previousLocation": lambda _, _meeting: None,
    "previousStartDateTime": lambda _, _meeting: None,
    "previousEndDateTime": lambda _, _meeting: None,
    "responseRequested": lambda _, meeting: meeting.wants_answer,
    "allowNewTimeProposals": lambda _, _meeting: True,
    "meetingRequestType": lambda _, _meeting: "newMeetingRequest",
}
_RESPONSE: dict[str, Read] = {
    "responseType": lambda _, meeting: _answer(meeting)[1],
    "proposedNewTime": lambda _, _meeting: None,
}
_OF_TYPE: dict[str, dict[str, Read]] = {
    "eventMessage": _EVENT,
    "eventMessageRequest": _EVENT | _REQUEST,
    "eventMessageResponse": _EVENT | _RESPONSE,
}


def all_names() -> list[str]:
    """Every property that some derived type has and a message has not."""
    return [*_EVENT, *_REQUEST, *_RESPONSE]


def canonical(path: str) -> str:
    """The property that `microsoft.graph.{type}/{property}` names, as it is written. Raises GraphError 400."""
    kind, _, name = path.partition("/")
    for derived, fields in _OF_TYPE.items():
        if f"{_PREFIX}{derived}".lower() == kind.lower():
            found = next((field for field in fields if field.lower() == name.lower()), None)
            if found is not None:
                return found
    raise bad_request(
        f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{kind}'."
    )


def event_json(derived: str, content: MailContent, names: Iterable[str]) -> dict[str, Any]:
    """Those of the named properties that the type has."""
    fields = _OF_TYPE[derived]
    return {name: fields[name](derived, content.meeting) for name in names if name in fields}
