"""Graph and auth with a fixed answer time, so that a drain measures the worker and not the sandbox."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.common.server import Listener, serve

FETCH_SECONDS = 0.05
_TEXT = {"contentType": "text", "content": "A short message of a bench. " * 20}
_PARAGRAPH = (
    '<p class="MsoNormal" style="margin:0 0 8pt">A <b>message</b> of a bench &amp; its <a href="x">link</a>.</p>'
)
# About 9 kB, as a mail of an office is.
_HTML = {"contentType": "html", "content": f"<html><body>{_PARAGRAPH * 90}</body></html>"}
_MAILS = 200


@dataclass
class Counted:
    """What was asked for: calls, mails in them, and bytes of bodies as they are before any compression."""

    calls: int = 0
    mails: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


def mails() -> list[dict[str, str]]:
    """Bodies of about 9 kB with 200 words as frequent as a language's, no two alike: packed and indexed as mail is."""
    chance = random.Random(1)  # noqa: S311 - the same in every run
    words = ["".join(chance.choices("etaoinshrdlucmfwypvbgk", k=chance.randint(2, 11))) for _ in range(20_000)]
    shares = list(itertools.accumulate(1 / (place + 1) for place in range(len(words))))

    def paragraph() -> str:
        said = " ".join(chance.choices(words, cum_weights=shares, k=20))
        mark = chance.randrange(10**9)
        return (
            f'<p class="MsoNormal" style="margin:0 0 8pt;line-height:107%"><span style="font-size:11.0pt;'
            f'font-family:&quot;Calibri&quot;,sans-serif;color:#1F1F1F">{said}</span>'
            f'<a href="https://www.example.com/campaign/{mark}?utm_source=mail&amp;id={mark}">{mark}</a></p>'
            f'<div style="mso-element:para-border-div;border:none;padding:0cm 0cm 0cm 0cm">{"&nbsp;" * 60}</div>'
        )

    return [
        {"contentType": "html", "content": f"<html><body>{''.join(paragraph() for _ in range(10))}</body></html>"}
        for _ in range(_MAILS)
    ]


async def batch(request: Request) -> Response:
    content = await request.body()
    asked = msgspec.json.decode(content)["requests"]
    # Outlook works on four of a batch at a time (graph/throttling-limits, 2026-10-01), where that is asked for.
    turns = math.ceil(len(asked) / request.app.state.at_a_time) if request.app.state.at_a_time else 1
    await asyncio.sleep(request.app.state.seconds * turns)
    responses = [{"id": item["id"], "status": 200, "body": _mail(request, item["url"])} for item in asked]
    return _counted(request, len(asked), len(content), msgspec.json.encode({"responses": responses}))


async def message(request: Request) -> Response:
    """What is asked for alone, without a batch."""
    await asyncio.sleep(request.app.state.seconds)
    return _counted(request, 1, 0, msgspec.json.encode(_mail(request, request.url.path)))


def _mail(request: Request, url: str) -> dict[str, object]:
    return _message(url, next(request.app.state.bodies))


def _counted(request: Request, mails: int, bytes_in: int, answer: bytes) -> Response:
    counted: Counted = request.app.state.counted
    counted.calls += 1
    counted.mails += mails
    counted.bytes_in += bytes_in
    counted.bytes_out += len(answer)
    return Response(answer, media_type="application/json")


async def counted(request: Request) -> Response:
    return JSONResponse(asdict(request.app.state.counted))


async def subscription(request: Request) -> Response:
    """It is there and goes on: else the worker would make it anew, and what is notified under it would be dropped."""
    ends = datetime.now(UTC) + timedelta(days=6)
    return JSONResponse(
        {
            "id": request.path_params["id"],
            "resource": "users/x/messages",
            "changeType": "created",
            "expirationDateTime": ends.isoformat(),
        }
    )


async def token(request: Request) -> Response:
    """A token of the tenant's own account: Graph's limits, and our keeping to them, are an account's."""
    tenant_id = msgspec.json.decode(await request.body())["tenant_id"]
    return JSONResponse(
        {
            "access_token": "bench",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "provider": "ms365",
            "token_type": "delegated",
            "scopes": ["Mail.Read"],
            "external_tenant_id": "00000000-0000-0000-0000-000000000001",
            "external_account_id": tenant_id,
            "account_email": "bench@example.org",
            "status": "active",
        }
    )


def _message(url: str, body: dict[str, str]) -> dict[str, object]:
    message_id = url.partition("/messages/")[2].partition("?")[0]
    person = {"emailAddress": {"name": "Ada Example", "address": "ada@example.org"}}
    return {
        "@odata.etag": f'W/"{message_id[-8:]}"',
        "id": message_id,
        "subject": f"Bench {message_id[-8:]}",
        "receivedDateTime": "2026-01-01T00:00:00Z",
        "sentDateTime": "2026-01-01T00:00:00Z",
        "lastModifiedDateTime": "2026-01-01T00:00:00Z",
        "internetMessageId": f"<{message_id[-8:]}@example.org>",
        "conversationId": "c",
        "parentFolderId": "f",
        "from": person,
        "sender": person,
        "toRecipients": [person],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "bodyPreview": "A short message.",
        "body": body,
        "importance": "normal",
        "isRead": False,
        "isDraft": False,
        "hasAttachments": False,
        "attachments": [],
        "internetMessageHeaders": [{"name": "Subject", "value": "Bench"}],
    }


async def health(_request: Request) -> Response:
    return Response(b"ok")


def main() -> None:
    """Arguments: the port; seconds for a batch, or for those of it done at a time; text, html or mails; how many."""
    given = dict(enumerate(sys.argv))
    app = Starlette(
        routes=[
            Route("/v1.0/$batch", batch, methods=["POST"]),
            Route("/v1.0/subscriptions/{id}", subscription),
            Route("/v1.0/{mailbox:path}/messages/{id}", message),
            Route("/auth/internal/tenant-token", token, methods=["POST"]),
            Route("/health", health),
            Route("/counted", counted),
        ]
    )
    app.state.seconds = float(given.get(2, FETCH_SECONDS))
    kind = given.get(3)
    app.state.bodies = itertools.cycle(mails() if kind == "mails" else [_HTML if kind == "html" else _TEXT])
    app.state.counted = Counted()
    app.state.at_a_time = int(given.get(4, 0))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve([Listener(app, "127.0.0.1", int(given[1]))]))


if __name__ == "__main__":
    main()
