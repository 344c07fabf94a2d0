"""An application with the few routes that a listener's tests need."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send

LARGE = 12 * 2**20


class SmallApp:
    """What its paths do:

    / reads its body and says how long it was; /unread answers without reading, /gate when it is opened, /large with
    LARGE bytes; /stream begins at once and ends with the client; /stuck neither reads nor answers until the gate opens.
    """

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.inside = 0
        self.longest = 0  # of the pieces that were read
        self.left: list[str] = []  # paths whose client went away
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.inside += 1
        try:
            if path == "/stream":
                await self._stream(receive, send)
                return
            if path == "/large":
                await _answer(send, bytes(LARGE))
                return
            if path in ("/gate", "/stuck"):
                await self.gate.wait()
            text = b"unread" if path in ("/unread", "/stuck") else await self._read(receive, path)
            if text is not None:
                self.headers = scope["headers"]
                await _answer(send, text)
        finally:
            self.inside -= 1

    async def _read(self, receive: Receive, path: str) -> bytes | None:
        total, more = 0, True
        while more:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                self.left.append(path)
                return None
            self.longest = max(self.longest, len(message["body"]))
            total, more = total + len(message["body"]), message["more_body"]
        return b"%d" % total

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.append("/stream")


async def _answer(send: Send, text: bytes) -> None:
    length = (b"content-length", b"%d" % len(text))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": text})
