"""POST of a new draft (graph/api/user-post-messages, mailfolder-post-messages)."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from flovify.sandbox.graph import views
from flovify.sandbox.graph.access import WRITE, require
from flovify.sandbox.graph.context import MailboxCall
from flovify.sandbox.graph.errors import bad_request, item_not_found
from flovify.sandbox.graph.exchange import GraphResponse
from flovify.sandbox.graph.message_calls import view_of
from flovify.sandbox.mail.models import FolderNotFound

_RECIPIENTS = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc"}
_TAKEN = {"subject", "body", *_RECIPIENTS}


async def create_draft(call: MailboxCall) -> GraphResponse:
    """Answers 201 with the draft, in Drafts unless the path names another folder. Raises GraphError 400, 403, 404."""
    require(call.caller, WRITE)
    raw = _source(call, call.request.json())
    try:
        message = call.parts.mail.add_draft(call.user.id, call.ids.get("folder", "drafts"), raw)
    except FolderNotFound:
        raise item_not_found() from None
    shown = view_of(call, message).json(views.chosen_fields(None, basic=False))
    return GraphResponse(201, {"@odata.context": call.context("messages/$entity"), **shown})


def _source(call: MailboxCall, given: dict[str, Any]) -> bytes:
    unknown = [name for name in given if name not in _TAKEN and not name.startswith("@odata.")]
    if unknown:
        raise bad_request(f"The property '{unknown[0]}' cannot be set on a draft here.", "ErrorInvalidPropertySet")
    message = EmailMessage()
    message["From"] = call.user.address
    message["Date"] = format_datetime(call.parts.clock.now())
    message["Subject"] = _line(given.get("subject") or "", "subject")
    for name, header in _RECIPIENTS.items():
        if given.get(name):
            message[header] = ", ".join(_address(one, name) for one in given[name])
    kind, content = _body(given.get("body") or {})
    message.set_content(content, subtype=kind)
    return message.as_bytes()


def _body(given: Any) -> tuple[str, str]:
    if isinstance(given, dict):
        kind, content = str(given.get("contentType", "text")).lower(), given.get("content", "")
        if kind in ("text", "html") and isinstance(content, str):
            return "html" if kind == "html" else "plain", content
    raise bad_request("The property 'body' must have a contentType of text or html, and content.")


def _address(given: Any, name: str) -> str:
    inner = given.get("emailAddress") if isinstance(given, dict) else None
    address = inner.get("address") if isinstance(inner, dict) else None
    if not isinstance(address, str) or "@" not in address:
        raise bad_request(f"Every one of '{name}' needs an emailAddress with an address.", "ErrorInvalidRecipients")
    return _line(address, name)


def _line(text: Any, name: str) -> str:
    if not isinstance(text, str) or not (text.isprintable() and len(text) <= 255):
        raise bad_request(f"The value of '{name}' must be one line of at most 255 characters.")
    return text
