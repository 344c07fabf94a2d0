"""ASGI middleware around everything: only our own Host, and security headers on every answer."""

from __future__ import annotations

from typing import Any

from flovify.bff.settings import BffSettings

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MISDIRECTED = b'{"type":"about:blank","title":"Misdirected Request","status":421,"code":"wrong_host"}'


class Guards:
    """Refuses foreign or doubled Host headers (421, 400) and adds the headers that an answer does not set itself."""

    def __init__(self, app: Any, settings: BffSettings) -> None:
        self._app = app
        self._hosts = frozenset(host.encode() for host in settings.allowed_hosts)
        self._headers = [
            (b"content-security-policy", API_POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if settings.https:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            await self._refuse(send, 400 if len(hosts) != 1 else 421)
            return
        await self._app(scope, receive, self._adding(send))

    def _adding(self, send: Any) -> Any:
        async def adding(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                extra = [header for header in self._headers if header[0] not in present]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        return adding

    async def _refuse(self, send: Any, status: int) -> None:
        headers = [(b"content-type", b"application/problem+json"), *self._headers]
        body = _MISDIRECTED if status == 421 else _MISDIRECTED.replace(b"421", b"400").replace(b"Misdirected", b"Bad")
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
