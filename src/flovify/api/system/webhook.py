"""Trying our own webhook address: the name, the connection, the certificate, the answer to a validation."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import aiohttp

from flovify.common.http import ResponseTooLarge, read_capped

STEP_SECONDS = 5.0
# Graph wants the answer within ten seconds (graph/change-notifications-delivery-webhooks, 2026-04-22).
ANSWER_SECONDS = 10.0
MAX_ANSWER_BYTES = 16 * 1024
Name = Literal["dns", "connection", "tls", "answer"]


@dataclass(frozen=True)
class Step:
    """How far one part came."""

    name: Name
    state: Literal["ok", "failed", "skipped"]
    ms: int
    detail: str


class _Failed(Exception):
    """Ends the check with a sentence."""


@dataclass
class WebhookCheckRun:
    """One check. `steps` grows; what comes after a failure is skipped."""

    session: aiohttp.ClientSession
    url: str
    tls: ssl.SSLContext | None = None
    steps: list[Step] = field(default_factory=list)

    async def run(self) -> bool:
        """Take the steps in order; whether all went well."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        await self._step("dns", lambda: _resolve(host, port))
        await self._step("connection", lambda: _connect(host, port))
        if parts.scheme == "https":
            await self._step("tls", lambda: _handshake(host, port, self.tls))
        else:
            self.steps.append(Step("tls", "skipped", 0, "The address is http: Microsoft calls https only."))
        await self._step("answer", lambda: self._validate(parts))
        return all(step.state != "failed" for step in self.steps)

    async def _step(self, name: Name, work: Callable[[], Awaitable[str]]) -> None:
        if any(step.state == "failed" for step in self.steps):
            self.steps.append(Step(name, "skipped", 0, "Not tried, because of the failure before."))
            return
        started = time.perf_counter()
        try:
            state, detail = "ok", await work()
        except _Failed as failure:
            state, detail = "failed", str(failure)
        ms = round((time.perf_counter() - started) * 1000)
        self.steps.append(Step(name, "ok" if state == "ok" else "failed", ms, detail))

    async def _validate(self, parts: SplitResult) -> str:
        token = f"Validation: Flovify's own check {secrets.token_hex(8)}"
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self.session.post(
                self.url,
                params={"validationToken": token},
                allow_redirects=False,
                timeout=timeout,
                ssl=self.tls or True,
            ) as answer:
                body = await read_capped(answer, MAX_ANSWER_BYTES)
                status, kind = answer.status, answer.content_type
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
            raise _Failed(f"No answer to a validation request ({type(error).__name__}).") from None
        return _judge(status, kind, body == token.encode(), parts.path)


def _judge(status: int, kind: str, echoed: bool, path: str) -> str:
    if status in (301, 302, 303, 307, 308):
        raise _Failed(f"It answered {status}: a proxy redirects, and Microsoft does not follow.")
    if status == 404:
        raise _Failed(f"It answered 404: whatever listens there does not know {path}. Is a proxy set up wrongly?")
    if status in (401, 403):
        raise _Failed(f"It answered {status}: something in front asks for a sign-in, which Microsoft does not have.")
    if status in (502, 503, 504):
        raise _Failed(f"It answered {status}: a proxy stands there, and does not reach Flovify.")
    if status != 200 or not echoed:
        raise _Failed(f"It answered {status}, but not with the validation token: something else listens there.")
    if kind != "text/plain":
        raise _Failed(f"The token came back as {kind}; Microsoft wants text/plain. A proxy changes answers.")
    return "It answered a validation request as Microsoft needs it."


async def _resolve(host: str, port: int) -> str:
    try:
        async with asyncio.timeout(STEP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        raise _Failed(f"The name {host} cannot be resolved: no DNS record, or no DNS server.") from None
    addresses = sorted({str(item[4][0]) for item in found})
    private = all(not ipaddress.ip_address(address.split("%")[0]).is_global for address in addresses)
    note = " These addresses are private: Microsoft cannot reach them." if private else ""
    return f"{host} is {', '.join(addresses)}.{note}"


async def _connect(host: str, port: int) -> str:
    async with _opened(host, port, None):
        return f"Something listens on port {port}."


async def _handshake(host: str, port: int, tls: ssl.SSLContext | None) -> str:
    async with _opened(host, port, tls or ssl.create_default_context()) as connection:
        certificate = connection.get_extra_info("peercert") or {}
        return f"The certificate is good until {certificate.get('notAfter', 'an unknown day')}."


@contextlib.asynccontextmanager
async def _opened(host: str, port: int, tls: ssl.SSLContext | None) -> AsyncIterator[asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(STEP_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=host if tls else None)
    except ssl.SSLCertVerificationError as error:
        raise _Failed(f"The certificate is not accepted: {error.verify_message}.") from None
    except ssl.SSLError as error:
        raise _Failed(f"The TLS handshake failed: {error.reason or type(error).__name__}.") from None
    except TimeoutError:
        raise _Failed(f"Port {port} does not answer: a firewall drops the packets?") from None
    except OSError as error:
        raise _Failed(f"Port {port} cannot be reached: {error.strerror or type(error).__name__}.") from None
    try:
        yield writer
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
