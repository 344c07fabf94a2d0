"""What the sandbox answers, held against Microsoft's own description of Graph."""

from __future__ import annotations

import email.message
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract import reference
from tests.contract.clients.program import in_hours, receiver
from tests.contract.graph_session import Answer, GraphSession
from tests.contract.sandbox_process import SUPPORT

pytestmark = pytest.mark.skipif(not reference.AVAILABLE, reason="Graph's description is not here")

OPERATIONS = reference.operations() if reference.AVAILABLE else []
BODIES: dict[tuple[str, str], object] = {
    ("POST", "messages"): {"subject": "A draft", "body": {"contentType": "text", "content": "text"}},
    ("PATCH", "{message-id}"): {"isRead": True, "categories": ["Red category"]},
    ("PATCH", "{subscription-id}"): {"expirationDateTime": in_hours(2).isoformat()},
}
# Operations of the description that this sandbox does not offer yet; each must be refused in Graph's error shape.
# An entry here that answers with success fails the test, so that the table cannot go stale.
ABSENT = {
    ("POST", "attachments"): "drafts",
    ("DELETE", "{attachment-id}"): "drafts",
    ("POST", "createUploadSession"): "drafts",
    ("POST", "createReply"): "drafts",
    ("POST", "reply"): "sending",
    ("POST", "sendMail"): "sending",
    ("GET", "/me/messages/delta()"): "a delta is of one folder",
    ("GET", "/users/{user-id}/messages/delta()"): "a delta is of one folder",
}
REFUSED = {400, 403, 404, 405, 501}


def _mail() -> bytes:
    inner = email.message.EmailMessage()
    inner["From"], inner["Subject"] = "inner@example.org", "inner"
    inner.set_content("inside")
    outer = email.message.EmailMessage()
    outer["From"], outer["To"], outer["Cc"] = "Ada <ada@example.org>", "b@example.org", '"C, D" <c@example.org>'
    outer["Subject"], outer["Message-ID"], outer["Reply-To"] = "Grüße", "<a@example.org>", "r@example.org"
    outer["Importance"] = "high"
    outer.set_content("text")
    outer.add_alternative("<p>html <img src=cid:x></p>", subtype="html")
    outer.add_attachment(b"bytes", maintype="application", subtype="pdf", filename="a.pdf")
    outer.add_attachment(inner)
    return outer.as_bytes()


def _filled(path: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def _places(graph: GraphSession, path: str) -> dict[str, str]:
    """Real ids for the places in a path."""
    places = {"mailFolder-id": "inbox"}
    if "{user-id}" in path:
        places["user-id"] = graph.call("GET", "/me").body["id"]
    if "{message-id}" in path:
        places["message-id"] = graph.deliver(_mail())["id"]
    if "{attachment-id}" in path:
        attachments = graph.call("GET", f"/me/messages/{places['message-id']}/attachments").body["value"]
        places["attachment-id"] = attachments[0]["id"]
    return places


def _check(method: str, path: str, answer: Answer) -> None:
    if "json" in answer.headers.get("content-type", "") or not answer.content:
        assert reference.problems(method, path, answer.status, answer.body) == []
    else:
        assert reference.is_binary(method, path, answer.status)


class Subscriber:
    """Creates subscriptions on one receiver and remembers them, so that the next test may create one like it."""

    def __init__(self, graph: GraphSession, url: str) -> None:
        self.graph = graph
        self.url = url
        self.created: list[str] = []

    def create(self, **more: Any) -> Answer:
        body = {
            "changeType": "created",
            "notificationUrl": self.url,
            "resource": "me/mailFolders('inbox')/messages",
            "expirationDateTime": in_hours(1).isoformat(),
            "clientState": "contract",
            **more,
        }
        answer = self.graph.call("POST", "/subscriptions", body)
        if answer.status == 201:
            self.created.append(answer.body["id"])
        return answer


@pytest.fixture
def subscriber(graph: GraphSession) -> Iterator[Subscriber]:
    with receiver() as listener:
        made = Subscriber(graph, listener.url)
        yield made
        for left in made.created:
            graph.call("DELETE", f"/subscriptions/{left}")


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_described_operation_answers_as_described(
    graph: GraphSession, subscriber: Subscriber, method: str, path: str
) -> None:
    last = path.rpartition("/")[2]
    places = _places(graph, path)
    body = BODIES.get((method, last), {} if method in ("POST", "PATCH") else None)
    if (method, path) == ("POST", "/subscriptions"):
        answer = subscriber.create()
    else:
        if path.startswith("/subscriptions"):
            places["subscription-id"] = subscriber.create().body["id"]
        answer = graph.call(method, _filled(path, places), body)
    _check(method, path, answer)
    if {(method, last), (method, path)} & ABSENT.keys():
        assert answer.status in REFUSED, "offered by now: take it out of the table and give it a request body"
    else:
        assert answer.status < 300, answer.content


def test_a_list_with_every_property_selected_is_as_described(graph: GraphSession) -> None:
    graph.deliver(_mail())
    plain = graph.call("GET", "/me/messages?$top=50")
    assert reference.problems("GET", "/me/messages", 200, plain.body) == []
    selected = graph.call("GET", "/me/messages?$top=5&$select=subject,internetMessageHeaders,uniqueBody&$count=true")
    assert reference.problems("GET", "/me/messages", 200, selected.body) == []
    assert selected.body["@odata.count"] > 1


def test_an_attached_message_shown_with_its_item_is_as_described(graph: GraphSession) -> None:
    message = graph.deliver(_mail())
    path = f"/me/messages/{message['id']}/attachments"
    listed = graph.call("GET", path).body["value"]
    item = next(one for one in listed if one["@odata.type"] == "#microsoft.graph.itemAttachment")
    shown = graph.call("GET", f"{path}/{item['id']}?$expand=microsoft.graph.itemattachment/item")
    template = "/me/messages/{message-id}/attachments/{attachment-id}"
    assert reference.problems("GET", template, shown.status, shown.body) == []
    assert shown.body["item"]["subject"] == "inner"


def test_each_item_of_a_batch_is_as_described(graph: GraphSession) -> None:
    message = graph.deliver(_mail())
    urls = {
        "a": ("/me", "/me"),
        "b": (f"/me/messages/{message['id']}", "/me/messages/{message-id}"),
        "c": ("/me/mailFolders/inbox/messages?$top=2", "/me/mailFolders/{mailFolder-id}/messages"),
        "d": ("/me/messages/AAMkNothing=", "/me/messages/{message-id}"),
    }
    requests = [{"id": name, "method": "GET", "url": url} for name, (url, _) in urls.items()]
    answer = graph.call("POST", "/$batch", {"requests": requests})
    assert answer.status == 200, answer.content
    items = {item["id"]: item for item in answer.body["responses"]}
    assert {name: item["status"] for name, item in items.items()} == {"a": 200, "b": 200, "c": 200, "d": 404}
    for name, item in items.items():
        assert reference.problems("GET", urls[name][1], item["status"], item["body"]) == []


def _refusals(graph: GraphSession, subscriber: Subscriber) -> list[tuple[int, str, Answer]]:
    """(wanted status, wanted code, answer) of requests that Graph refuses."""
    support = GraphSession(graph.sandbox, SUPPORT).call("GET", "/me").body["id"]
    far = in_hours(24 * 30).isoformat()
    zoneless = in_hours(1).replace(tzinfo=None).isoformat()
    return [
        (401, "InvalidAuthenticationToken", graph.call("GET", "/me", token="")),
        (401, "InvalidAuthenticationToken", graph.call("GET", "/me/messages", token="rubbish")),
        # Graph does not tell a user of another organisation from one that does not exist.
        (404, "ErrorInvalidUser", graph.call("GET", f"/users/{support}/messages")),
        (404, "ErrorItemNotFound", graph.call("GET", "/me/messages/AAMkNothing=")),
        (404, "ErrorItemNotFound", graph.call("DELETE", "/me/messages/AAMkNothing=")),
        (404, "ErrorInvalidUser", graph.call("GET", "/users/nobody@contoso.example/messages")),
        (400, "", graph.call("GET", "/me/messages?$filter=subject%20is%20x")),
        (400, "", graph.call("GET", "/me/messages?$select=nothing")),
        (400, "", graph.call("GET", "/me/messages?$top=abc")),
        (400, "", graph.call("GET", "/nothing")),
        (404, "ResourceNotFound", graph.call("GET", "/subscriptions/7f105c7d-2dc5-4530-97cd-4e7ae6534c07")),
        (404, "ResourceNotFound", graph.call("DELETE", "/subscriptions/7f105c7d-2dc5-4530-97cd-4e7ae6534c07")),
        (400, "InvalidRequest", graph.call("POST", "/subscriptions", {})),
        (400, "", subscriber.create(expirationDateTime=far)),
        (
            400,
            "InvalidRequest",
            subscriber.create(expirationDateTime=zoneless),
        ),
        (400, "InvalidRequest", subscriber.create(changeType="sneezed")),
        (400, "InvalidRequest", subscriber.create(clientState="x" * 129)),
        (400, "ValidationError", subscriber.create(notificationUrl="http://localhost:9/nobody")),
    ]


def test_every_refusal_has_graphs_error_shape(graph: GraphSession, subscriber: Subscriber) -> None:
    seen = []
    schema = {"$ref": "#/components/schemas/microsoft.graph.ODataErrors.ODataError"}
    for number, (status, code, answer) in enumerate(_refusals(graph, subscriber)):
        body = answer.body
        seen += [(number, problem) for problem in reference.schema_problems(schema, body)]
        if answer.status != status or (code and body["error"]["code"] != code):
            seen.append((number, f"{answer.status} {body}, not {status} {code}"))
    assert seen == []
