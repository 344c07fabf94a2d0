"""The ways out to Microsoft, as auth and api have them: guarded, and through the proxy where one is set."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from pydantic import SecretStr

from flovify.api.settings import ApiBaseSettings
from flovify.auth.settings import AuthSettings
from flovify.cli.doctor.databases import RUN_THERE
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import NotLookedAt
from flovify.common.clock import Clock
from flovify.common.clouds import graph_cloud, graph_url, login_url
from flovify.common.microsoft_errors import words
from flovify.common.outbound import Part, microsoft_session, outbound_failure

NETWORK_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True)
class Host:
    """Microsoft's login or Graph in one cloud, or who plays it. `url` is what is asked, without a token."""

    part: Part
    cloud: str
    stand_in: str
    url: str
    proxy: SecretStr

    @property
    def way(self) -> str:
        through = self.proxy.get_secret_value() and not self.stand_in
        return "through the proxy of FLOVIFY_HTTPS_PROXY" if through else "directly"


@dataclass(frozen=True)
class Answered:
    """`ahead_seconds`: how far this machine's clock is ahead of theirs; None where they tell no time."""

    status: int
    ahead_seconds: float | None


def login_host(found: Found) -> Host:
    """Raises NotLookedAt without auth's settings."""
    settings = found.of(AuthSettings, "auth")
    if settings is None:
        raise NotLookedAt("auth's settings are not here, or not whole", RUN_THERE.format(service="auth"))
    base = login_url(settings.cloud, settings.stand_in_host)
    url = f"{base}/common/v2.0/.well-known/openid-configuration"
    return Host("login", settings.cloud, settings.stand_in_host, url, settings.flovify_https_proxy)


def graph_host(found: Found) -> Host:
    """The api's, or auth's, which asks Graph for an organisation's mailboxes. Raises NotLookedAt without either."""
    api = found.of(ApiBaseSettings, "api", "worker")
    if api is not None:
        cloud, stand_in, proxy = graph_cloud(api.microsoft_graph_url), api.graph_stand_in, api.flovify_https_proxy
    else:
        auth = found.of(AuthSettings, "auth")
        if auth is None:
            why = "no settings of auth, api or worker are here, or they are not whole"
            raise NotLookedAt(why, RUN_THERE.format(service="api"))
        cloud, stand_in, proxy = auth.cloud, auth.stand_in_host, auth.flovify_https_proxy
    return Host("graph", cloud, stand_in, f"{graph_url(cloud, stand_in)}/v1.0/me", proxy)


@asynccontextmanager
async def session_to(host: Host) -> AsyncIterator[aiohttp.ClientSession]:
    async with microsoft_session((host.part,), stand_in=host.stand_in, proxy=host.proxy) as session:
        yield session


async def ask(host: Host, clock: Clock) -> Answered:
    """Whatever it answers is an answer: nobody is signed in. Raises what aiohttp raises."""
    async with session_to(host) as session:
        started, began = time.perf_counter(), clock.now()
        async with session.get(host.url, allow_redirects=False, trace_request_ctx=host.cloud) as answer:
            middle = began + timedelta(seconds=(time.perf_counter() - started) / 2)
            return Answered(answer.status, _ahead(middle, answer.headers.get("Date", "")))


def no_answer(error: BaseException) -> tuple[str, str]:
    """(what was found, the mend) of a call that got no answer; nothing of the error's own text."""
    code = outbound_failure(error)
    known = words(code)
    if known is not None:
        return known.cause, known.action
    mend = "See whether this machine may reach it on port 443 (firewall, DNS); behind a company's proxy set "
    mend += "FLOVIFY_HTTPS_PROXY (docs/connecting.md, Behind a proxy)."
    return f"no answer ({code})", mend


def _ahead(ours: datetime, header: str) -> float | None:
    try:
        # The header has whole seconds, the fraction is cut off.
        theirs = parsedate_to_datetime(header) + timedelta(seconds=0.5)
        return (ours - theirs).total_seconds()
    except (TypeError, ValueError):
        return None
