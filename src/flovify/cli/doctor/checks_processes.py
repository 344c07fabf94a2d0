"""The processes: each answers, is of this version, and knows the others' secret."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import msgspec

from flovify import __version__
from flovify.api.settings import ApiBaseSettings
from flovify.api.system.models import Worker
from flovify.api.system.store import SystemStore
from flovify.auth.settings import AuthSettings
from flovify.bff.settings import BffSettings
from flovify.cli.doctor.databases import RUN_THERE, Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.outbound import own_session
from flovify.common.service_tokens import HEADER

MAX_ANSWER = 64 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ERRORS = (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge, ValueError)
_PORTS = {
    "auth": ("FLOVIFY_AUTH_PORT", 8001, "/auth/ready"),
    "api": ("FLOVIFY_API_PORT", 8002, "/api/ready"),
    "worker": ("FLOVIFY_WORKER_PORT", 8003, "/ready"),
    "bff": ("FLOVIFY_PORT", 8000, "/bff/health"),
}


@dataclass(frozen=True)
class Listener:
    """Where a service should answer. `sure`: a setting names it; else it is looked for on this machine's own port."""

    service: str
    base: str
    path: str
    by: str
    sure: bool


class _Health(msgspec.Struct):
    status: str = ""
    version: str = ""
    checks: dict[str, str] = {}


def units(found: Found, databases: Databases) -> list[Unit]:
    """Each listener, the workers by their sign of life in the database, and the secret between services."""

    def listening(one: Listener) -> Unit:
        async def look(say: Say) -> Results:
            return await _listener(say, one)

        return Unit(Say(Subject.PROCESSES, f"{one.service} ({one.by})"), "answers", look)

    async def workers(say: Say) -> Results:
        return list(judge_workers(say, await SystemStore(await databases.tables("api")).workers()))

    wanted = [listening(one) for one in listeners(found)]
    return [*wanted, Unit(Say(Subject.PROCESSES, "workers"), "alive", workers), *_secret_units(found)]


def listeners(found: Found) -> list[Listener]:
    """What the settings say of where the services are; those of this place on their own ports."""
    named = {
        ("auth", "AUTH_SERVICE_URL"): _setting(found, ApiBaseSettings, "auth_service_url", "api", "worker"),
        ("api", "API_SERVICE_URL"): _setting(found, AuthSettings, "api_service_url", "auth"),
        ("auth", "FLOVIFY_AUTH_URL"): _setting(found, BffSettings, "flovify_auth_url", "bff"),
        ("api", "FLOVIFY_API_URL"): _setting(found, BffSettings, "flovify_api_url", "bff"),
    }
    sure = [Listener(service, base, _PORTS[service][2], by, True) for (service, by), base in named.items() if base]
    known = {(one.service, urlsplit(one.base).port) for one in sure if urlsplit(one.base).hostname in _LOOPBACK}
    own = [_own(found, service) for service in found.environments if service in _PORTS]
    return [*sure, *(one for one in own if (one.service, urlsplit(one.base).port) not in known)]


def judge_health(say: Say, status: int, health: _Health) -> Check:
    """Ready, and of the version that looks."""
    bad = ", ".join(f"{name} ({said})" for name, said in health.checks.items() if said != "ok")
    if status != 200:
        mend = "Its log says why; mend first what stands under database and settings."
        return say.failed("answers", f"answers {status}{': not ready: ' + bad if bad else ''}", mend)
    if health.version != __version__:
        mend = "Restart it with the version that is installed, or run the doctor of its version."
        return say.warning("version", f"is version {health.version or 'unknown'}, this is {__version__}", mend)
    return say.ok("answers", f"ready, version {__version__}")


def judge_workers(say: Say, workers: list[Worker]) -> Iterator[Check]:
    """By what they wrote within the last half minute."""
    living = [one for one in workers if one.alive]
    if not living:
        mend = "Start one: `flovify worker` (docker compose up -d worker); `flovify up` starts it with the rest."
        yield say.failed("alive", "no worker was heard of for half a minute: no message is fetched", mend)
        return
    yield say.ok("alive", f"{len(living)} at work, {sum(one.in_flight for one in living)} mailboxes in hand")
    other = sorted({one.version for one in living} - {__version__})
    if other:
        mend = "Restart every worker with the version that is installed."
        yield say.warning("version", f"some are version {', '.join(other)}, this is {__version__}", mend)


async def _listener(say: Say, one: Listener) -> Results:
    try:
        async with (
            own_session(one.base) as session,
            session.get(one.base + one.path, allow_redirects=False) as answer,
        ):
            status, body = answer.status, await read_capped(answer, MAX_ANSWER)
        health = msgspec.json.decode(body, type=_Health)
    except aiohttp.ClientConnectorError as error:
        if not one.sure:
            why = f"nothing listens at {one.base}: it runs elsewhere, or not at all"
            raise NotLookedAt(why, RUN_THERE.format(service=one.service)) from None
        return [_silent(say, one, error)]
    except _ERRORS as error:
        return [_silent(say, one, error)]
    return [judge_health(say, status, health)]


def _silent(say: Say, one: Listener, error: BaseException) -> Check:
    mend = f"Start {one.service}, or correct {one.by}; what it wrote last is in its log."
    return say.failed("answers", f"no answer at {one.base} ({type(error).__name__})", mend)


def _own(found: Found, service: str) -> Listener:
    variable, default, path = _PORTS[service]
    port = found.value(variable, service) or str(default)
    return Listener(service, f"http://127.0.0.1:{port}", path, variable, found.beside_up)


def _setting(found: Found, kind: type[ApiBaseSettings | AuthSettings | BffSettings], name: str, *services: str) -> str:
    settings = found.of(kind, *services)
    return str(getattr(settings, name)) if settings else ""


def _secret_units(found: Found) -> list[Unit]:
    """Shown to the others as the services do, at routes that then only say that there is nothing of this name."""
    api, auth = found.of(ApiBaseSettings, "api", "worker"), found.of(AuthSettings, "auth")
    wanted = []
    if api is not None:
        url = f"{api.auth_service_url}/auth/internal/tenants/{uuid.uuid4()}"
        wanted.append(_secret_unit("auth", "GET", api.auth_service_url, url, api.service_secrets[0]))
    if auth is not None:
        url = f"{auth.api_service_url}/api/internal/renew-subscription"
        wanted.append(_secret_unit("api", "POST", auth.api_service_url, url, auth.service_secrets[0]))
    return wanted


def _secret_unit(service: str, method: str, base: str, url: str, secret: str) -> Unit:
    async def look(say: Say) -> Results:
        try:
            async with (
                own_session(base) as session,
                session.request(method, url, headers={HEADER: secret}, allow_redirects=False) as answer,
            ):
                status = answer.status
        except _ERRORS as error:
            raise NotLookedAt(f"{service} does not answer ({type(error).__name__})", "See the lines above.") from None
        return [judge_secret(say, service, status)]

    return Unit(Say(Subject.PROCESSES, "SERVICE_SECRET"), f"shared_with_{service}", look)


def judge_secret(say: Say, service: str, status: int) -> Check:
    """401 is the guard's answer; any other shows that it let the call pass."""
    if status == 401:
        mend = "Give auth, api and worker the same SERVICE_SECRET, and restart them."
        return say.failed(f"shared_with_{service}", f"{service} refuses it: it was started with another", mend)
    return say.ok(f"shared_with_{service}", f"{service} takes it")
