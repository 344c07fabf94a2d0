"""What auth asks of Graph: the people of an organisation, and whether the app may read one's inbox.

Sources: graph/api/user-list, user-get, mailfolder-list-messages. Paging is by `$skiptoken`; only the token of a next
link is kept, so that no link of an answer is ever followed to another host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import msgspec
from yarl import URL

from flovify.auth.organizations.models import Mailbox
from flovify.auth.vault.cipher import SecretText
from flovify.common.clouds import graph_url
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.microsoft_errors import Words, graph_words
from flovify.common.outbound import outbound_failure

MAX_ANSWER = 4 * 2**20
MAX_SKIPTOKEN = 4096
PAGE = 50
CALL_SECONDS = 15.0
_SELECT = "id,displayName,mail,userPrincipalName"


class GraphRefusal(Exception):
    """Graph's answer is no success; `words` say what it means. Status 0: no answer at all."""

    def __init__(self, status: int, code: str, words: Words, request_id: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.words = words
        self.request_id = request_id

    def as_reason(self) -> dict[str, Any]:
        """For a row and the log."""
        named = {"graph_code": self.code, "status": self.status, "request_id": self.request_id, "code": self.words.code}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Access:
    """A token of the application in one organisation, and the cloud it is for."""

    cloud: str
    token: SecretText


class GraphDirectory:
    """Calls Graph with an organisation's app token."""

    def __init__(self, session: aiohttp.ClientSession, stand_in: str) -> None:
        self._session = session
        self._stand_in = stand_in

    async def mailboxes(
        self, access: Access, search: str = "", after: str = "", top: int = PAGE
    ) -> tuple[list[Mailbox], str | None]:
        """One page of the directory, by the start of name or address, and the next page's mark. Raises GraphRefusal."""
        query = {"$top": str(top), "$select": _SELECT}
        if search:
            text = "'" + search.replace("'", "''") + "'"
            fields = ("displayName", "mail", "userPrincipalName")
            query["$filter"] = " or ".join(f"startswith({field},{text})" for field in fields)
        if after:
            query["$skiptoken"] = after
        answer = await self._get(access, "/users", query)
        found = [mailbox for entry in _entries(answer) if (mailbox := _mailbox(entry)) is not None]
        return found, self._next(access, answer)

    async def mailbox(self, access: Access, name: str) -> Mailbox:
        """One person by object id or sign-in name, else by mail address. Raises GraphRefusal."""
        try:
            return _required(await self._get(access, f"/users/{quote(name, safe='@')}", {"$select": _SELECT}))
        except GraphRefusal as refusal:
            if refusal.status != 404 or "@" not in name:
                raise
            text = "'" + name.replace("'", "''") + "'"
            answer = await self._get(access, "/users", {"$select": _SELECT, "$filter": f"mail eq {text}"})
            for entry in _entries(answer):
                return _required(entry)
            raise

    async def read_inbox(self, access: Access, object_id: str) -> None:
        """Read one message's id from an inbox, as fetching will. Raises GraphRefusal."""
        path = f"/users/{quote(object_id, safe='')}/mailFolders/inbox/messages"
        await self._get(access, path, {"$top": "1", "$select": "id"})

    async def organization_name(self, access: Access) -> str:
        """The organisation's own name, where the app may read it. Raises GraphRefusal."""
        for entry in _entries(await self._get(access, "/organization", {"$select": "id,displayName"})):
            return str(entry.get("displayName") or "")[:256]
        return ""

    async def _get(self, access: Access, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        url = URL(f"{graph_url(access.cloud, self._stand_in)}/v1.0{path}", encoded=True).with_query(query)
        headers = {"Authorization": f"Bearer {access.token.reveal()}", "Accept": "application/json"}
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        try:
            async with self._session.get(
                url, headers=headers, allow_redirects=False, timeout=timeout, trace_request_ctx=access.cloud
            ) as answer:
                body = _fields(await read_capped(answer, MAX_ANSWER))
                if answer.status == 200:
                    return body
                raise _refusal(answer.status, body, answer.headers.get("request-id", ""))
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
            raise _refusal(0, {"error": {"code": outbound_failure(error)}}, "") from None

    def _next(self, access: Access, answer: Mapping[str, Any]) -> str | None:
        link = str(answer.get("@odata.nextLink") or "")
        if not link.startswith(f"{graph_url(access.cloud, self._stand_in)}/"):
            return None
        found = parse_qs(urlsplit(link).query).get("$skiptoken", [""])[0]
        return found if 0 < len(found) <= MAX_SKIPTOKEN else None


def _fields(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _entries(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    value = answer.get("value")
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _mailbox(entry: Mapping[str, Any]) -> Mailbox | None:
    """None for an entry without an id."""
    object_id = entry.get("id")
    if not isinstance(object_id, str) or len(object_id) != 36:
        return None
    address = str(entry.get("mail") or entry.get("userPrincipalName") or "")[:254]
    return Mailbox(object_id.lower(), address, str(entry.get("displayName") or "")[:256])


def _required(entry: Mapping[str, Any]) -> Mailbox:
    found = _mailbox(entry)
    if found is None:
        raise _refusal(0, {}, "")
    return found


def _refusal(status: int, body: Mapping[str, Any], request_id: str) -> GraphRefusal:
    error = body.get("error")
    fields: Mapping[str, Any] = error if isinstance(error, dict) else {}
    code, message = str(fields.get("code") or "")[:64], str(fields.get("message") or "")[:500]
    words = graph_words(status, code, message)
    if status == 404 and not code.lower().startswith(("erroritem", "mailbox")):
        words = graph_words(404, "Request_ResourceNotFound")
    return GraphRefusal(status, code if code.isprintable() else "", words, request_id[:64])
