from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox_graph.world import SALES, Graph, Sandbox
from tests.unit.sandbox_graph.fakes import simple_mail

PREFER = {"Prefer": 'IdType="ImmutableId"'}
EVENT = "#microsoft.graph.eventMessage"
REQUEST = """BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID="Europe/Berlin":20261201T100000
DTEND:20261201T093000Z
LOCATION:Room 12\\, second
  floor
ATTENDEE;CN="Sales: all";PARTSTAT={answer};RSVP={rsvp}:mailto:sales@contoso.example
BEGIN:VALARM
LOCATION:nowhere
END:VALARM
END:VEVENT
BEGIN:VEVENT
LOCATION:elsewhere
END:VEVENT
END:VCALENDAR
"""


def invitation(method: str, *, answer: str = "NEEDS-ACTION", rsvp: str = "TRUE", calendar: str = REQUEST) -> bytes:
    text = (
        "From: ada@example.com\nTo: sales@contoso.example\nSubject: Planning\nMessage-ID: <i@example.com>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\n'
        f"Please come.\n--b\nContent-Type: Text/Calendar; charset=utf-8; Method={method}\n\n"
        f"{calendar.format(method=method, answer=answer, rsvp=rsvp)}\n--b--\n"
    )
    return text.replace("\n", "\r\n").encode()


async def shown(graph: Graph, message_id: str, query: str = "") -> dict[str, Any]:
    answer = await graph.call("GET", f"/me/messages/{message_id}{query}", headers=PREFER)
    assert answer.status == 200, answer.raw
    found: dict[str, Any] = answer.json
    return found


async def test_an_invitation_becomes_a_request_with_its_time_and_place(sandbox: Sandbox, graph: Graph) -> None:
    found = await shown(graph, await sandbox.deliver(SALES, invitation("REQUEST", rsvp="FALSE")))
    assert found["@odata.type"] == f"{EVENT}Request"
    assert found["meetingMessageType"] == "meetingRequest"
    assert found["startDateTime"] == {"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"}
    assert found["endDateTime"] == {"dateTime": "2026-12-01T09:30:00.0000000", "timeZone": "UTC"}
    assert found["location"]["displayName"] == "Room 12, second floor"
    assert (found["isAllDay"], found["type"], found["responseRequested"]) == (False, "singleInstance", False)
    assert found["meetingRequestType"] == "newMeetingRequest"
    assert (found["subject"], found["body"]["content"].strip()) == ("Planning", "Please come.")
    assert "responseType" not in found


@pytest.mark.parametrize(
    ("method", "answer", "kind", "meeting", "response"),
    [
        ("CANCEL", "NEEDS-ACTION", "", "meetingCancelled", None),
        ("REPLY", "ACCEPTED", "Response", "meetingAccepted", "accepted"),
        ("reply", "tentative", "Response", "meetingTenativelyAccepted", "tentativelyAccepted"),
        ("REPLY", "DECLINED", "Response", "meetingDeclined", "declined"),
    ],
)
async def test_the_method_decides_the_type(
    sandbox: Sandbox, graph: Graph, method: str, answer: str, kind: str, meeting: str, response: str | None
) -> None:
    found = await shown(graph, await sandbox.deliver(SALES, invitation(method, answer=answer)))
    assert (found["@odata.type"], found["meetingMessageType"]) == (f"{EVENT}{kind}", meeting)
    assert found.get("responseType") == response
    assert "responseRequested" not in found


async def test_other_calendars_and_mail_stay_messages(sandbox: Sandbox, graph: Graph) -> None:
    for raw in (invitation("PUBLISH"), simple_mail("text/calendar; method=REQUEST", "talk")):
        found = await shown(graph, await sandbox.deliver(SALES, raw))
        assert "@odata.type" not in found
        assert "meetingMessageType" not in found


@pytest.mark.parametrize(
    ("start", "expected", "all_day"),
    [
        ("DTSTART;VALUE=DATE:20261201", {"dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "UTC"}, True),
        (
            "DTSTART;TZID=Nowhere Standard Time:20261201T100000",
            {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "Nowhere Standard Time"},
            False,
        ),
        ("DTSTART:some day", None, False),
        ("DTSTART;TZID=../../etc/passwd:20261201T100000",
         {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "../../etc/passwd"}, False),
    ],
)  # fmt: skip
async def test_times_of_every_kind(
    sandbox: Sandbox, graph: Graph, start: str, expected: dict[str, str] | None, *, all_day: bool
) -> None:
    calendar = f"BEGIN:VEVENT\n{start}\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
    found = await shown(graph, await sandbox.deliver(SALES, invitation("REQUEST", calendar=calendar)))
    assert (found["startDateTime"], found["isAllDay"], found["type"]) == (expected, all_day, "seriesMaster")
    assert (found["endDateTime"], found["location"]) == (None, None)


@pytest.mark.parametrize(
    ("kind", "meeting"),
    [
        ("eventMessage", "meetingCancelled"),
        ("eventMessageRequest", "meetingRequest"),
        ("eventMessageResponse", "meetingAccepted"),
    ],
)
async def test_any_mail_can_be_made_a_meeting_message(sandbox: Sandbox, graph: Graph, kind: str, meeting: str) -> None:
    made = await sandbox.control("POST", f"/mailboxes/{SALES}/messages?type={kind}", data=simple_mail())
    found = await shown(graph, made["id"])
    assert (found["@odata.type"], found["meetingMessageType"]) == (f"#microsoft.graph.{kind}", meeting)
    assert found["startDateTime"] is None
    listed = (await graph.call("GET", "/me/messages?$select=subject&$top=2")).json["value"]
    assert listed[0]["@odata.type"] == f"#microsoft.graph.{kind}"
    assert set(listed[0]) == {"@odata.type", "@odata.etag", "id", "subject"}
    assert "@odata.type" not in listed[1]
    delta = await graph.call("GET", "/me/mailFolders/inbox/messages/delta?$top=2&$select=subject")
    types = [one["@odata.type"] for one in delta.json["value"]]
    assert types == [f"#microsoft.graph.{kind}", "#microsoft.graph.message"]


async def test_derived_properties_are_selected_with_their_type(sandbox: Sandbox, graph: Graph) -> None:
    message_id = await sandbox.deliver(SALES, invitation("REQUEST"))
    cast = (
        "$select=subject,microsoft.graph.eventMessage/meetingMessageType,Microsoft.Graph.eventMessageRequest/isAllDay"
    )
    found = await shown(graph, message_id, f"?{cast}")
    names = {"@odata.context", "@odata.type", "@odata.etag", "id", "subject", "meetingMessageType", "isAllDay"}
    assert set(found) == names
    for wrong in ("meetingMessageType", "microsoft.graph.eventMessage/responseType", "microsoft.graph.event/isAllDay"):
        refused = await graph.call("GET", f"/me/messages/{message_id}?$select={wrong}", headers=PREFER)
        assert refused.status == 400
        assert "Could not find a property" in refused.json["error"]["message"]


async def test_the_type_is_kept_over_a_restart_and_changes(sandbox: Sandbox, graph: Graph) -> None:
    made = await sandbox.control(
        "POST", f"/mailboxes/{SALES}/messages?type=eventMessageResponse", data=invitation("REQUEST")
    )
    sandbox.process.kill9_and_start()
    found = await shown(graph, made["id"])
    assert found["@odata.type"] == f"{EVENT}Response"
    changed = await graph.call("PATCH", f"/me/messages/{made['id']}", headers=PREFER, json={"isRead": True})
    assert (changed.json["@odata.type"], changed.json["isRead"]) == (f"{EVENT}Response", True)


async def test_an_unknown_type_is_refused(sandbox: Sandbox) -> None:
    url = f"{sandbox.base}/_sandbox/mailboxes/{SALES}/messages?type=event"
    async with sandbox.http.post(url, data=simple_mail()) as answer:
        assert answer.status == 422
        assert "eventMessageRequest" in await answer.text()
