"""Calls on messages (graph/api/user-list-messages, message-get, message-update, message-delete, message-move)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flovify.sandbox.graph import attachment_views, views
from flovify.sandbox.graph.access import READ, READ_BASIC, WRITE, require
from flovify.sandbox.graph.context import MailboxCall
from flovify.sandbox.graph.errors import bad_request, item_not_found
from flovify.sandbox.graph.exchange import GraphResponse
from flovify.sandbox.graph.filters import comparable
from flovify.sandbox.graph.options import Options, nested_select, next_link, read_options
from flovify.sandbox.graph.views import MessageView
from flovify.sandbox.mail.mime import MailContent
from flovify.sandbox.mail.models import FolderNotFound, InvalidChange, MessageNotFound, StoredMessage


async def list_messages(call: MailboxCall) -> GraphResponse:
    """A page of one folder or of the whole mailbox, Deleted Items included; newest first unless ordered otherwise."""
    require(call.caller, READ_BASIC)
    options = message_options(call)
    fields = views.chosen_fields(options.select, basic=call.basic)
    chosen = _chosen(call, options)
    page = chosen[options.skip : options.skip + options.top]
    body: dict[str, Any] = {"@odata.context": call.context(_list_tail(call, options))}
    if options.count:
        body["@odata.count"] = len(chosen)
    body["value"] = [shown_message(call, view, fields, options) for view in page]
    if len(chosen) > options.skip + options.top:
        body["@odata.nextLink"] = next_link(call.request, options.skip + options.top)
    return GraphResponse(200, body)


async def count_messages(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ_BASIC)
    count = len(_chosen(call, read_options(call.request)))
    return GraphResponse(200, str(count).encode(), content_type="text/plain")


async def get_message(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ_BASIC)
    options = message_options(call)
    fields = views.chosen_fields(options.select, basic=call.basic)
    message = find_message(call)
    tail = f"messages{_selected(options)}/$entity"
    return GraphResponse(
        200, {"@odata.context": call.context(tail), **shown_message(call, view_of(call, message), fields, options)}
    )


async def update_message(call: MailboxCall) -> GraphResponse:
    require(call.caller, WRITE)
    message = find_message(call)
    try:
        call.parts.mail.update(message, call.request.json())
    except InvalidChange as error:
        raise bad_request(str(error), "ErrorInvalidPropertySet") from None
    return _entity(call, message, 200)


async def delete_message(call: MailboxCall) -> GraphResponse:
    require(call.caller, WRITE)
    call.parts.mail.delete(find_message(call))
    return GraphResponse(204)


async def move_message(call: MailboxCall) -> GraphResponse:
    """Answers 201 with the message under its new id."""
    require(call.caller, WRITE)
    message = find_message(call)
    destination = call.request.json().get("destinationId")
    if not isinstance(destination, str) or not destination:
        raise bad_request("The property 'destinationId' is required.", "ErrorInvalidRequest")
    try:
        call.parts.mail.move(message, destination)
    except FolderNotFound:
        raise item_not_found() from None
    return _entity(call, message, 201)


async def get_source(call: MailboxCall) -> GraphResponse:
    """The message as it came in, byte for byte."""
    require(call.caller, READ)
    source = call.parts.mail.source(find_message(call))
    return GraphResponse(200, source, content_type="text/plain")


def find_message(call: MailboxCall) -> StoredMessage:
    """The message named in the path, in the folder named there. Raises GraphError 404."""
    mailbox = call.parts.mail.mailbox(call.user.id)
    try:
        message = mailbox.message(call.ids["message"])
        folder = mailbox.folder(call.ids["folder"]).id if "folder" in call.ids else message.folder_id
    except (MessageNotFound, FolderNotFound):
        raise item_not_found() from None
    if message.folder_id != folder:
        raise item_not_found()
    return message


def view_of(call: MailboxCall, message: StoredMessage) -> MessageView:
    return MessageView(message, _reader(call, message), call.immutable, call.body_type)


def _reader(call: MailboxCall, message: StoredMessage) -> Callable[[], MailContent]:
    return lambda: call.parts.mail.content(message)


def _entity(call: MailboxCall, message: StoredMessage, status: int) -> GraphResponse:
    fields = views.chosen_fields(None, basic=False)
    shown = view_of(call, message).json(fields)
    return GraphResponse(status, {"@odata.context": call.context("messages/$entity"), **shown})


def _chosen(call: MailboxCall, options: Options) -> list[MessageView]:
    """All messages that the options let through, in order."""
    mailbox = call.parts.mail.mailbox(call.user.id)
    try:
        folder = mailbox.folder(call.ids["folder"]).id if "folder" in call.ids else None
    except FolderNotFound:
        raise item_not_found() from None
    found = [view_of(call, message) for message in mailbox.newest_first(folder)]
    if options.filter is not None:
        for path in options.filter.properties:
            views.canonical(path.split("/")[0])
        found = [view for view in found if options.filter.matches(view.read)]
    # Sorting is stable: the last key first, so that the first one decides.
    for path, descending in reversed(options.orderby):
        views.canonical(path.split("/")[0])
        found.sort(key=_sort_key(path), reverse=descending)
    return found


def _sort_key(path: str) -> Callable[[MessageView], tuple[bool, Any]]:
    def key(view: MessageView) -> tuple[bool, Any]:
        value = comparable(view.read(path))
        if value is None:
            return False, ""
        return True, value if not isinstance(value, (dict, list)) else str(value)

    return key


def shown_message(call: MailboxCall, view: MessageView, fields: tuple[str, ...], options: Options) -> dict[str, Any]:
    """The fields of a message, and its attachments where they are to be expanded."""
    shown = view.json(fields)
    for name in options.expand:
        select = nested_select(name)
        shown["attachments@odata.context"] = call.context(f"messages('{view.id}')/attachments")
        shown["attachments"] = [
            attachment_views.attachment_json(view.message, number, item, select, expand_item=False)
            for number, item in enumerate(call.parts.mail.attachments(view.message))
        ]
    return shown


def message_options(call: MailboxCall) -> Options:
    """The options of a message or a list of them; only attachments can be expanded. Raises GraphError 400."""
    options = read_options(call.request)
    for name in options.expand:
        if name.lower().partition("(")[0] != "attachments" or call.basic:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
                "on type 'microsoft.graph.message'."
            )
        attachment_views.check_attachment_select(nested_select(name))
    return options


def _list_tail(call: MailboxCall, options: Options) -> str:
    folder = f"mailFolders('{call.ids['folder']}')/" if "folder" in call.ids else ""
    return f"{folder}messages{_selected(options)}"


def _selected(options: Options) -> str:
    return f"({','.join(options.select)})" if options.select else ""
