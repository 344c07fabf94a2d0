"""From mail that was accepted by SMTP to the message that the api gives, through a whole `flovify up`."""

from __future__ import annotations

import asyncio
import secrets
import smtplib
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from flovify.cli.bench.percentile import percentile
from flovify.cli.bench.report import Ratio, print_report
from flovify.cli.bench.stack import Installation, installed
from flovify.common.errors import FlovifyError

MAILBOX = "sales@contoso.example"
RATES = (20, 100)
SENDERS = 4
_POLL_SECONDS = 0.004
_PATIENCE_SECONDS = 60.0
_ADMIN = {"FLOVIFY_ADMIN_EMAIL": "bench@example.com", "FLOVIFY_ADMIN_PASSWORD": secrets.token_urlsafe(24)}
_P50, _P99 = "p50 ms at 100 mails/s", "p99 ms at 100 mails/s"
RATIOS = (Ratio(_P50, _P50, None, 1, 40, at_most=True), Ratio(_P99, _P99, None, 1, 80, at_most=True))


@dataclass
class _Watch:
    """When each mail was accepted and when it could be read, by its subject."""

    accepted: dict[str, float] = field(default_factory=dict)
    readable: dict[str, float] = field(default_factory=dict)

    def delays_ms(self) -> list[float]:
        return sorted(max(self.readable[name] - at, 0.0) * 1000 for name, at in self.accepted.items())


def run(rounds: int, seconds: int, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when it does not start or a mail does not come through."""
    with installed(_ADMIN) as installation, installation.running():
        found = asyncio.run(_measure(installation, rounds, seconds))
    print_report(f"end to end, {rounds} rounds of {seconds} s a rate", found, RATIOS, into)


async def _measure(installation: Installation, rounds: int, seconds: int) -> list[dict[str, float]]:
    connector = aiohttp.TCPConnector(limit=8)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        api = _Api(http, installation.ports)
        await api.sign_in()
        await api.connect(MAILBOX)
        await _one(api, installation.ports, "warm", 20, 2)
        return [await _round(api, installation.ports, number, seconds) for number in range(rounds)]


async def _round(api: _Api, ports: Mapping[str, str], number: int, seconds: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    for rate in RATES:
        delays = await _one(api, ports, f"{number}-{rate}", rate, seconds)
        figures[f"p50 ms at {rate} mails/s"] = statistics.median(delays)
        figures[f"p99 ms at {rate} mails/s"] = percentile(delays, 99)
    return figures


async def _one(api: _Api, ports: Mapping[str, str], name: str, rate: int, seconds: int) -> list[float]:
    watch, total = _Watch(), rate * seconds
    port = int(ports["FLOVIFY_SANDBOX_SMTP_PORT"])
    place = await api.newest_place()
    began = time.monotonic() + 0.2
    sending = [
        asyncio.create_task(asyncio.to_thread(_send, port, watch, name, rate, range(first, total, SENDERS), began))
        for first in range(SENDERS)
    ]
    deadline = time.monotonic() + seconds + _PATIENCE_SECONDS
    while len(watch.readable) < total:
        items, place = await api.after(place)
        now = time.monotonic()
        watch.readable |= {item["subject"]: now for item in items if item["subject"].startswith(f"{name} ")}
        if now > deadline:
            raise FlovifyError(f"of {total} mails {len(watch.readable)} came within {_PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(_POLL_SECONDS)
    await asyncio.gather(*sending)
    return watch.delays_ms()


def _send(port: int, watch: _Watch, name: str, rate: int, numbers: range, began: float) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        for number in numbers:
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            subject = f"{name} {number}"
            text = f"From: bench@example.org\r\nTo: {MAILBOX}\r\nSubject: {subject}\r\n\r\nA short mail of a bench.\r\n"
            client.sendmail("bench@example.org", [MAILBOX], text)
            watch.accepted[subject] = time.monotonic()


class _Api:
    """What an administrator does, straight at the services."""

    def __init__(self, http: aiohttp.ClientSession, ports: Mapping[str, str]) -> None:
        self._http = http
        self._bff = f"http://localhost:{ports['FLOVIFY_PORT']}"
        self._auth = f"http://localhost:{ports['FLOVIFY_AUTH_PORT']}"
        self._api = f"http://localhost:{ports['FLOVIFY_API_PORT']}"
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        body = {"email": _ADMIN["FLOVIFY_ADMIN_EMAIL"], "password": _ADMIN["FLOVIFY_ADMIN_PASSWORD"]}
        answer = await self._json("POST", f"{self._auth}/auth/login", json=body)
        self._headers = {"Authorization": f"Bearer {answer['access_token']}"}

    async def connect(self, address: str) -> None:
        """By OAuth, with the sandbox's automatic consent, and a subscription of its inbox."""
        query = {"sandbox_auto": address}
        url = await self._next(f"{self._bff}/auth/oauth/ms365/authorize", params=query, headers=self._headers)
        location = await self._next(await self._next(url))
        tenant = parse_qs(urlsplit(location).query).get("connected", [""])[0]
        body = {
            "tenant_id": tenant,
            "resource": "me/mailFolders('inbox')/messages",
            "change_types": ["created"],
        }
        await self._json("POST", f"{self._api}/api/ms365/subscriptions", json=body)

    async def newest_place(self) -> str | None:
        place: str | None = None
        while True:
            items, after = await self.after(place)
            if not items or after is None:
                return place
            place = after

    async def after(self, place: str | None) -> tuple[list[dict[str, Any]], str | None]:
        query = {"limit": "100", **({"after": place} if place else {})}
        page = await self._json("GET", f"{self._api}/api/messages", params=query)
        return page["items"], page["next"] or place

    async def _json(self, method: str, url: str, **options: Any) -> Any:
        async with self._http.request(method, url, headers=self._headers, **options) as answer:
            if answer.status >= 400:
                raise FlovifyError(f"{method} {url}: {answer.status} {(await answer.text())[:300]}")
            return await answer.json(content_type=None)

    async def _next(self, url: str, **options: Any) -> str:
        async with self._http.get(url, allow_redirects=False, **options) as answer:
            if "Location" not in answer.headers:
                raise FlovifyError(f"{url.partition('?')[0]}: {answer.status}, and no way on")
            return answer.headers["Location"]
