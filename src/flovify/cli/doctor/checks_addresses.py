"""The public addresses: the name, the certificate and its days, and who answers."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.common.clock import Clock
from flovify.common.clouds import CLOUDS
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.outbound import own_session

STEP_SECONDS = 3.0  # three of them in the time of one check
FEW_DAYS = 14
MAX_ANSWER = 64 * 1024
NO_WAY_OUT = "only bff's settings are here, and its container has no way to the internet"
_MICROSOFT = {host for cloud in CLOUDS.values() for host in (cloud.login_host, cloud.graph_host)}
_NAMES = {
    "PUBLIC_URL": ("auth", "bff"),
    "MS365_WEBHOOK_URL": ("api", "worker", "bff"),
    "MS365_LIFECYCLE_URL": ("api", "worker"),
}


@dataclass(frozen=True)
class Address:
    """A URL by the setting that names it."""

    variable: str
    url: str
    production: bool
    real: bool  # Microsoft itself will call it, or send browsers there

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.https else 80)


def units(found: Found, clock: Clock) -> list[Unit]:
    """DNS and TLS of each address, and whether Flovify itself answers at the console's."""

    def unit(one: Address) -> Unit:
        async def look(say: Say) -> Results:
            if list(found.environments) == ["bff"] and not found.beside_up:
                raise NotLookedAt(NO_WAY_OUT, "Run `flovify doctor` in the container of auth or api.")
            return await look_at(say, one, clock)

        return Unit(Say(Subject.ADDRESSES, one.variable), "dns", look)

    return [unit(one) for one in addresses(found)]


def addresses(found: Found) -> list[Address]:
    """Those that are set, each host once."""
    production = found.given.get("FLOVIFY_ENV") == "production"
    stand_in = found.value("MICROSOFT_AUTHORITY", "auth") or found.value("MICROSOFT_GRAPH_URL", "api", "worker", "bff")
    given = {variable: found.value(variable, *services) for variable, services in _NAMES.items()}
    return [
        Address(variable, url, production, real=not stand_in or urlsplit(stand_in).hostname in _MICROSOFT)
        for variable, url in given.items()
        if url and _readable(url)
    ]


async def look_at(say: Say, one: Address, clock: Clock) -> Results:
    """What comes after a failure is not tried."""
    checks = [await _dns(say, one)]
    if checks[-1].outcome == "failed":
        return checks
    checks.append(await _tls(say, one, clock) if one.https else judge_http(say, one))
    if one.variable == "PUBLIC_URL" and checks[-1].outcome != "failed":
        checks.append(await _answer(say, one))
    return checks


def judge_http(say: Say, one: Address) -> Check:
    """Plain http is for a machine of one's own."""
    if one.production or (one.real and one.variable != "PUBLIC_URL"):
        why = "in production" if one.production else "Microsoft calls https only"
        return say.failed("https", f"is http: {why}", f"Put TLS in front, and write https:// in {one.variable}.")
    return say.ok("https", "is http, which is enough for this machine alone")


def judge_addresses(say: Say, one: Address, found: list[str]) -> Check:
    private = all(not ipaddress.ip_address(address.split("%")[0]).is_global for address in found)
    text = f"{one.host} is {', '.join(found)}"
    if private and one.real and one.variable != "PUBLIC_URL":
        mend = f"Give {one.host} a public DNS record, or name in {one.variable} a host that Microsoft can reach."
        return say.warning("dns", f"{text}: private, as seen from this machine", mend)
    return say.ok("dns", text)


def judge_days(say: Say, ends: datetime, now: datetime) -> Check:
    """A certificate is renewed a month before its end where that works by itself."""
    days = (ends - now).days
    text = f"the certificate is good for {days} days, until {ends:%Y-%m-%d}"
    mend = f"Renew the certificate of {say.of}'s host; Caddy does it by itself while port 80 or 443 is open."
    return say.warning("certificate_ends", text, mend) if days < FEW_DAYS else say.ok("tls", text)


def judge_refusal(say: Say, one: Address, error: ssl.SSLError) -> Check:
    """What kept the handshake from its end, by what must be done."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        mend = f"Does port {one.port} of {one.host} speak TLS? Look at the proxy in front."
        reason = getattr(error, "reason", None) or type(error).__name__
        return say.failed("tls", f"the handshake failed ({reason})", mend)
    found = f"the certificate is not accepted: {error.verify_message}"
    if error.verify_code == _EXPIRED:
        return say.failed("certificate_expired", found, f"Renew the certificate of {one.host}.")
    if error.verify_code in _OTHER_NAME:
        return say.failed("certificate_name", found, f"Get a certificate for {one.host}, or correct {one.variable}.")
    mend = "Serve the whole chain (fullchain.pem), from an authority that Microsoft knows; one of your own is for "
    mend += "SSL_CERT_FILE here, and no good for the webhook."
    return say.failed("certificate_chain", found, mend)


# X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH (x509_vfy.h).
_EXPIRED, _OTHER_NAME = 10, (62, 64)


async def _dns(say: Say, one: Address) -> Check:
    try:
        async with asyncio.timeout(STEP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(one.host, one.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        mend = f"Make a DNS record for {one.host}, or correct {one.variable}; then: getent hosts {one.host}"
        return say.failed("dns", f"{one.host} cannot be resolved", mend)
    return judge_addresses(say, one, sorted({str(item[4][0]) for item in found}))


async def _tls(say: Say, one: Address, clock: Clock) -> Check:
    context = ssl.create_default_context()
    try:
        async with asyncio.timeout(STEP_SECONDS):
            _, writer = await asyncio.open_connection(one.host, one.port, ssl=context, server_hostname=one.host)
    except ssl.SSLError as error:
        return judge_refusal(say, one, error)
    except (OSError, TimeoutError) as error:
        mend = (
            f"Open port {one.port} of {one.host} (firewall, port forwarding), and start the proxy in front. A router "
        )
        mend += "that does not lead its own address back inside looks the same: then --account tells."
        return say.failed("connection", f"port {one.port} cannot be reached ({type(error).__name__})", mend)
    try:
        certificate = writer.get_extra_info("peercert")
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()
    return judge_days(say, ends, clock.now())


async def _answer(say: Say, one: Address) -> Check:
    """Whether the front door of this installation is what answers there."""
    mend = f"Let the proxy in front pass {one.host} to bff's port 8000 (FLOVIFY_PORT), with its Host header."
    try:
        url, tls = f"{one.url.rstrip('/')}/bff/health", ssl.create_default_context()
        time_out = aiohttp.ClientTimeout(total=STEP_SECONDS)
        async with (
            own_session(one.url) as session,
            session.get(url, allow_redirects=False, ssl=tls, timeout=time_out) as answer,
        ):
            status, body = answer.status, await read_capped(answer, MAX_ANSWER)
        said = msgspec.json.decode(body, type=dict[str, object])
    except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
        return say.failed("front_door", f"no answer ({type(error).__name__})", mend)
    except ValueError:
        said = {}
    if status == 200 and said.get("service") == "bff":
        return say.ok("front_door", "Flovify answers there")
    return say.failed("front_door", f"something else answers there, with {status}", mend)


def _readable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
