"""Microsoft Graph for mail: messages, their source and attachments, and subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp

from flovify.api.graph import batching, delta
from flovify.api.graph.paging import check_link
from flovify.api.graph.recent import list_target, recent_messages
from flovify.api.graph.resources import mailbox_root
from flovify.api.graph.times import format_time, parse_time
from flovify.api.graph.transport import DEADLINE_SECONDS, Call, Transport
from flovify.api.providers.errors import ProviderError, ProviderTooLarge, ProviderUnavailable
from flovify.api.providers.models import (
    Changes,
    Download,
    FetchFailure,
    FetchResult,
    GrantedSubscription,
    JsonObject,
    Recent,
    RecentMessage,
)
from flovify.common.http import ResponseTooLarge

# internetMessageHeaders come only when asked for (message-get). `hasAttachments` is false when all attachments are
# inline (resources/message), so the list is always expanded rather than fetched where that flag says so.
MESSAGE_FIELDS = (
    "id,subject,bodyPreview,from,sender,toRecipients,ccRecipients,bccRecipients,replyTo,receivedDateTime,sentDateTime,"
    "internetMessageId,conversationId,conversationIndex,parentFolderId,hasAttachments,isRead,isDraft,importance,categories,"
    "flag,changeKey,createdDateTime,lastModifiedDateTime,inferenceClassification,webLink,body,internetMessageHeaders"
)
# contentId belongs to the derived type: without the cast Graph refuses the whole request (resources/fileattachment).
_ATTACHMENT_FIELDS = "id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId"
_PLAIN_QUERY = f"$select={MESSAGE_FIELDS}"
_MESSAGE_QUERY = f"{_PLAIN_QUERY}&$expand=attachments($select={_ATTACHMENT_FIELDS})"
_MAX_SUBSCRIPTION_PAGES = 50
_RECENT_PAGE = 500
_MAX_RECENT_PAGES = 100


class GraphClient:
    """Calls Graph with a bearer token given to each call; keeps no token and no state but the mailbox slots.

    Every call names its mailbox by object id (a personal account's is asked for as `me`), asks for immutable ids, has
    30 s and 20 MiB, and raises ProviderError.
    Source of paths and shapes: Graph v1.0 reference, message, attachment and subscription resources.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        cloud: str = "global",
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._transport = Transport(session, base_url, cloud, deadline_seconds)

    @property
    def base_url(self) -> str:
        """Where all calls go, version included."""
        return self._transport.base_url

    async def fetch_message(self, token: str, user_id: str, message_id: str, *, attachments: bool = True) -> JsonObject:
        """One message with body, headers and, with `attachments`, what there is attached. Raises ProviderError."""
        call = Call("get_message", "GET", _message_url(user_id, message_id, attachments), mailbox=user_id)
        return _object(await self._transport.json(call, token))

    async def get_messages(
        self, token: str, user_id: str, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]:
        """Several messages of one mailbox, 20 a call, each with its own outcome; in whatever order, by id.

        Raises ProviderError only when a whole call failed. An answer too long for one call is fetched piece by piece.
        """
        results: dict[str, FetchResult] = {}
        wanted = list(dict.fromkeys(message_ids))
        for start in range(0, len(wanted), batching.MAX_ITEMS):
            results |= await self._get_some(token, user_id, wanted[start : start + batching.MAX_ITEMS], attachments)
        return results

    async def get_folder(self, token: str, user_id: str, folder: str) -> JsonObject:
        """A folder's id, by its well-known name or its id (mailfolder-get). Raises ProviderError."""
        call = Call("get_folder", "GET", f"{_folder_path(user_id, folder)}?$select=id", mailbox=user_id)
        found = _object(await self._transport.json(call, token))
        if not isinstance(found.get("id"), str):
            raise ProviderUnavailable("Graph's answer is not the folder that was asked for", code="not_the_folder")
        return found

    def open_mime(self, token: str, user_id: str, message_id: str) -> AbstractAsyncContextManager[Download]:
        """The message's RFC 5322 source, streamed."""
        target = f"{_message_path(user_id, message_id)}/$value"
        return self._transport.download(Call("get_mime", "GET", target, mailbox=user_id), token)

    async def get_mime(self, token: str, user_id: str, message_id: str, max_bytes: int = 20 * 2**20) -> bytes:
        """The message's source in memory. Raises ProviderError, ProviderTooLarge past `max_bytes`."""
        return await _collect(self.open_mime(token, user_id, message_id), max_bytes)

    async def list_newest(self, token: str, user_id: str, folder: str, count: int) -> list[str]:
        """Ids of the newest messages of a well-known folder; one page."""
        target = f"{_folder_path(user_id, folder)}/messages?$top={count}&$select=id&$orderby=receivedDateTime%20desc"
        page = _object(await self._transport.json(Call("list_messages", "GET", target, mailbox=user_id), token))
        found = page.get("value")
        if not isinstance(found, list):
            raise ProviderUnavailable("Graph's answer is no list", code="not_a_list")
        return [item["id"] for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)]

    async def list_recent(self, token: str, user_id: str, resource: str, since: datetime, limit: int) -> Recent:
        """Messages received at `since` or later, the last first. `resource` is as `normalize_resource` gives it."""
        target = list_target(resource, since, min(limit, _RECENT_PAGE))
        call = Call("list_recent", "GET", target, mailbox=user_id)
        found: list[RecentMessage] = []
        for _ in range(_MAX_RECENT_PAGES):
            page = _object(await self._transport.json(call, token))
            found += recent_messages(page)
            link = page.get("@odata.nextLink")
            if not link or len(found) >= limit:
                return Recent(tuple(found[:limit]), truncated=bool(link) or len(found) > limit)
            target = check_link(link, self._transport.base_url)
            call = Call(call.operation, "GET", target, mailbox=call.mailbox)
        raise ProviderUnavailable("Graph's list does not end", code="too_many_pages")

    async def list_changes(
        self, token: str, user_id: str, resource: str, cursor: str | None, since: datetime
    ) -> Changes:
        """A page of a resource's changes; `resource` is as `normalize_resource` gives it, `cursor` of an earlier page.

        Raises ProviderGone when Graph has forgotten the cursor (410, or 40X SyncStateNotFound).
        """
        base = self._transport.base_url
        target = check_link(cursor, base) if cursor is not None else delta.first_target(resource, since)
        call = Call("list_changes", "GET", target, mailbox=user_id, prefer=delta.PREFER)
        return delta.read_page(_object(await self._transport.json(call, token)), resource, base)

    async def create_draft(self, token: str, user_id: str, folder: str, subject: str) -> str:
        """Put an unsent message without recipients into a well-known folder; its id (user-post-messages)."""
        body: JsonObject = {"subject": subject, "body": {"contentType": "text", "content": ""}}
        call = Call("create_draft", "POST", f"{_folder_path(user_id, folder)}/messages", body, mailbox=user_id)
        made = _object(await self._transport.json(call, token))
        if not isinstance(made.get("id"), str):
            raise ProviderUnavailable("Graph's answer lacks the draft's id", code="not_a_message")
        draft_id: str = made["id"]
        return draft_id

    async def delete_message(self, token: str, user_id: str, message_id: str) -> None:
        """To the deleted items, or out of them (message-delete). Raises ProviderNotFound when it is not there."""
        call = Call("delete_message", "DELETE", _message_path(user_id, message_id), mailbox=user_id)
        await self._transport.json(call, token)

    async def get_attachment(self, token: str, user_id: str, message_id: str, attachment_id: str) -> JsonObject:
        """One attachment; a file's content is base64 in `contentBytes`."""
        target = _attachment_path(user_id, message_id, attachment_id)
        return _object(await self._transport.json(Call("get_attachment", "GET", target, mailbox=user_id), token))

    def open_attachment(
        self, token: str, user_id: str, message_id: str, attachment_id: str
    ) -> AbstractAsyncContextManager[Download]:
        """An attachment's bytes, streamed; of an item its MIME, vCard or iCalendar. 405 for a reference attachment."""
        target = _attachment_path(user_id, message_id, attachment_id) + "/$value"
        return self._transport.download(Call("get_attachment_raw", "GET", target, mailbox=user_id), token)

    async def create_subscription(self, token: str, body: JsonObject) -> GrantedSubscription:
        """Make a subscription; Graph calls our notification URL before it answers.

        Raises ProviderValidationFailed, ProviderExpirationTooFar, ProviderConflict (existing_id) and the others.
        """
        call = Call("create_subscription", "POST", "/subscriptions", body)
        return _subscription(await self._transport.json(call, token))

    async def get_subscription(self, token: str, subscription_id: str) -> GrantedSubscription:
        call = Call("get_subscription", "GET", _subscription_path(subscription_id))
        return _subscription(await self._transport.json(call, token))

    async def list_subscriptions(self, token: str) -> list[GrantedSubscription]:
        """This app's subscriptions for the token's user. Use rarely: Graph allows 25 such calls in 20 s a tenant."""
        items = await self._pages(Call("list_subscriptions", "GET", "/subscriptions"), token)
        return [_subscription(item) for item in items]

    async def renew_subscription(self, token: str, subscription_id: str, expires_at: datetime) -> GrantedSubscription:
        """Move the expiry; also reauthorizes. Raises ProviderNotFound when the subscription is gone: create anew."""
        body: JsonObject = {"expirationDateTime": format_time(expires_at)}
        call = Call("renew_subscription", "PATCH", _subscription_path(subscription_id), body)
        return _subscription(await self._transport.json(call, token))

    async def delete_subscription(self, token: str, subscription_id: str) -> None:
        """Raises ProviderNotFound when it is already gone."""
        await self._transport.json(Call("delete_subscription", "DELETE", _subscription_path(subscription_id)), token)

    async def _get_some(
        self, token: str, user_id: str, message_ids: Sequence[str], attachments: bool
    ) -> dict[str, FetchResult]:
        async def one(message_id: str, *, raise_whole: bool) -> FetchResult:
            return await self._get_one(token, user_id, message_id, attachments, raise_whole=raise_whole)

        if len(message_ids) == 1:
            return {message_ids[0]: await one(message_ids[0], raise_whole=True)}
        urls = [_message_url(user_id, item, attachments) for item in message_ids]
        call = Call("batch_messages", "POST", "/$batch", batching.request(urls), mailbox=user_id, slots=len(urls))
        try:
            answer = await self._transport.json(call, token)
        except ProviderTooLarge:
            single = [one(item, raise_whole=False) for item in message_ids]
            return dict(zip(message_ids, await asyncio.gather(*single), strict=True))
        return dict(zip(message_ids, batching.results(answer, message_ids), strict=True))

    async def _get_one(
        self, token: str, user_id: str, message_id: str, attachments: bool, *, raise_whole: bool
    ) -> FetchResult:
        """One message; failures that would have failed a whole batch are raised if `raise_whole`."""
        try:
            found = await self.fetch_message(token, user_id, message_id, attachments=attachments)
            return batching.the_message(found, message_id)
        except ProviderError as error:
            if raise_whole and error.status == 0 and not isinstance(error, ProviderTooLarge):
                raise
            return FetchFailure(error)

    async def _pages(self, call: Call, token: str) -> list[JsonObject]:
        items: list[JsonObject] = []
        for _ in range(_MAX_SUBSCRIPTION_PAGES):
            page = _object(await self._transport.json(call, token))
            found = page.get("value")
            items += [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
            if not page.get("@odata.nextLink"):
                return items
            link = check_link(page["@odata.nextLink"], self._transport.base_url)
            call = Call(call.operation, "GET", link, mailbox=call.mailbox)
        raise ProviderUnavailable("Graph's list does not end", code="too_many_pages")


async def _collect(opened: AbstractAsyncContextManager[Download], max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async with opened as download:
            if download.content_type.partition(";")[0].strip().lower() == "text/html":
                # Graph's own is text/plain (message-get, $value); a page with status 200 is a proxy's.
                raise ProviderUnavailable("Graph's answer is a page, not a message's source", code="not_the_source")
            async for chunk in download.chunks():
                size += len(chunk)
                if size > max_bytes:
                    raise ProviderTooLarge(f"longer than {max_bytes} bytes", code="answer_too_large")
                parts.append(chunk)
    except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
        raise ProviderUnavailable(f"Graph's answer broke off ({type(error).__name__})") from None
    return b"".join(parts)


def _message_url(user_id: str, message_id: str, attachments: bool) -> str:
    return f"{_message_path(user_id, message_id)}?{_MESSAGE_QUERY if attachments else _PLAIN_QUERY}"


def _message_path(user_id: str, message_id: str) -> str:
    return f"/{mailbox_root(user_id)}/messages/{_segment(message_id)}"


def _folder_path(user_id: str, folder: str) -> str:
    """`folder` is a well-known name or an id."""
    return f"/{mailbox_root(user_id)}/mailFolders/{_segment(folder)}"


def _attachment_path(user_id: str, message_id: str, attachment_id: str) -> str:
    return f"{_message_path(user_id, message_id)}/attachments/{_segment(attachment_id)}"


def _subscription_path(subscription_id: str) -> str:
    return f"/subscriptions/{_segment(subscription_id)}"


def _segment(value: str) -> str:
    """One path segment whatever `value` holds: ids come from notifications, which anybody may try to forge.

    `=`, `-` and `_` of Graph's own ids stay readable; lone surrogates become U+FFFD; "." and ".." stay segments.
    """
    encoded = quote(value.encode("utf-8", "replace"), safe="=")
    return encoded.replace(".", "%2E") if set(value) <= {"."} else encoded


def _object(body: Any) -> JsonObject:
    if not isinstance(body, dict):
        raise ProviderUnavailable("Graph's answer is no JSON object", code="not_an_object")
    return body


def _subscription(body: Any) -> GrantedSubscription:
    found = _object(body)
    expires_at = parse_time(found.get("expirationDateTime"))
    if not isinstance(found.get("id"), str) or expires_at is None:
        raise ProviderUnavailable("Graph's answer lacks the subscription's id or expiry", code="not_a_subscription")
    texts = {key: value for key, value in found.items() if isinstance(value, str)}
    return GrantedSubscription(
        id=texts["id"],
        resource=texts.get("resource", ""),
        expires_at=expires_at,
        notification_url=texts.get("notificationUrl", ""),
        change_type=texts.get("changeType", ""),
        application_id=texts.get("applicationId", ""),
    )
