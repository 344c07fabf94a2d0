"""Calls on attachments and folders (graph/api/message-list-attachments, attachment-get, user-list-mailfolders)."""

from __future__ import annotations

from typing import Any

from flovify.sandbox.graph import attachment_views, views
from flovify.sandbox.graph.access import READ, READ_BASIC, require
from flovify.sandbox.graph.context import MailboxCall
from flovify.sandbox.graph.errors import item_not_found, method_not_allowed
from flovify.sandbox.graph.exchange import GraphResponse
from flovify.sandbox.graph.message_calls import find_message
from flovify.sandbox.graph.options import Options, next_link, read_options
from flovify.sandbox.mail import ids
from flovify.sandbox.mail.models import FolderNotFound, StoredMessage
from flovify.sandbox.mail.parts import Attachment


async def list_attachments(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ)
    options = read_options(call.request)
    attachment_views.check_attachment_select(options.select)
    message = find_message(call)
    found = call.parts.mail.attachments(message)
    value = [_shown(message, number, one, options) for number, one in enumerate(found)]
    tail = f"messages('{message.shown_id(immutable=call.immutable)}')/attachments"
    return GraphResponse(200, {"@odata.context": call.context(tail), "value": value[options.skip :]})


async def get_attachment(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ)
    options = read_options(call.request)
    attachment_views.check_attachment_select(options.select, one=True)
    message = find_message(call)
    number, attachment = _find(call, message)
    tail = f"messages('{message.shown_id(immutable=call.immutable)}')/attachments/$entity"
    return GraphResponse(200, {"@odata.context": call.context(tail), **_shown(message, number, attachment, options)})


async def get_attachment_bytes(call: MailboxCall) -> GraphResponse:
    """The decoded bytes; for an attached message its MIME. Raises GraphError 405 for a link (G21: attachment-get)."""
    require(call.caller, READ)
    _, attachment = _find(call, find_message(call))
    if attachment.kind == "reference":
        raise method_not_allowed()
    content_type = attachment.content_type
    plain = attachment.is_message or not content_type.isascii() or not content_type.isprintable()
    return GraphResponse(200, attachment.content, content_type="text/plain" if plain else content_type)


def _find(call: MailboxCall, message: StoredMessage) -> tuple[int, Attachment]:
    for number, attachment in enumerate(call.parts.mail.attachments(message)):
        if ids.attachment_id(message.key, number) == call.ids["attachment"]:
            return number, attachment
    raise item_not_found()


def _shown(message: StoredMessage, number: int, attachment: Attachment, options: Options) -> dict[str, Any]:
    expand_item = any("itemattachment/item" in name.lower() for name in options.expand)
    return attachment_views.attachment_json(message, number, attachment, options.select, expand_item=expand_item)


async def list_folders(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ_BASIC)
    options = read_options(call.request)
    mailbox = call.parts.mail.mailbox(call.user.id)
    shown = [views.folder_json(folder, mailbox) for folder in mailbox.folders.values()]
    body: dict[str, Any] = {"@odata.context": call.context("mailFolders")}
    if options.count:
        body["@odata.count"] = len(shown)
    body["value"] = shown[options.skip : options.skip + options.top]
    if len(shown) > options.skip + options.top:
        body["@odata.nextLink"] = next_link(call.request, options.skip + options.top)
    return GraphResponse(200, body)


async def get_folder(call: MailboxCall) -> GraphResponse:
    require(call.caller, READ_BASIC)
    read_options(call.request)
    mailbox = call.parts.mail.mailbox(call.user.id)
    try:
        folder = mailbox.folder(call.ids["folder"])
    except FolderNotFound:
        raise item_not_found() from None
    body = {"@odata.context": call.context("mailFolders/$entity"), **views.folder_json(folder, mailbox)}
    return GraphResponse(200, body)
