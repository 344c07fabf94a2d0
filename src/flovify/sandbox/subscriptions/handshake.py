"""Endpoint validation: the subscriber proves that it reads what is sent to its URL.

Source: graph/change-notifications-delivery-webhooks (2026-04-22), "Notification endpoint validation".
"""

from __future__ import annotations

import asyncio
import uuid
from urllib.parse import quote_plus

import aiohttp
from yarl import URL

from flovify.common.http import ResponseTooLarge, read_capped
from flovify.sandbox.graph.errors import GraphError, bad_request

TIMEOUT_SECONDS = 10.0
_MAX_ANSWER = 4096


async def validate_endpoints(session: aiohttp.ClientSession, urls: list[str]) -> None:
    """Ask all URLs at once, each with a token of its own. Raises GraphError 400 when one does not echo it."""
    answers = await asyncio.gather(*(_validate(session, url) for url in urls), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer


async def _validate(session: aiohttp.ClientSession, url: str) -> None:
    token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            status, content_type, body = await _ask(session, with_token(url, token))
    except TimeoutError:
        raise _failed("Subscription validation request timed out.") from None
    except (aiohttp.ClientError, ResponseTooLarge, OSError, ValueError):
        raise _not_ok() from None
    if status != 200:
        raise _not_ok()
    if content_type != "text/plain" or body != token.encode():
        raise _failed(
            "Subscription validation request failed. Response must exactly match validationToken query parameter."
        )


def with_token(url: str, token: str) -> str:
    """The URL with the token as Microsoft encodes it: spaces as +, colons as %3a in lower case."""
    encoded = quote_plus(token).replace("%3A", "%3a")
    return f"{url}{'&' if '?' in url else '?'}validationToken={encoded}"


async def _ask(session: aiohttp.ClientSession, url: str) -> tuple[int, str, bytes]:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    async with session.post(URL(url, encoded=True), data=b"", headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.content_type, await read_capped(answer, _MAX_ANSWER)


def _failed(message: str) -> GraphError:
    return bad_request(message, "ValidationError")


def _not_ok() -> GraphError:
    return _failed(
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request."
    )
