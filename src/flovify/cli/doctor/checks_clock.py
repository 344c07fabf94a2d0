"""The clock against the database's, Microsoft's and the workers'."""

from __future__ import annotations

import time

from flovify.api.system.store import SystemStore
from flovify.cli.doctor.databases import Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.cli.doctor.outside import NETWORK_ERRORS, Host, ask, graph_host, login_host
from flovify.cli.doctor.store import DoctorStore
from flovify.common.clock import Clock

WARN_SECONDS, FAIL_SECONDS = 5.0, 60.0
_MEND = "Let a time service set this machine's clock (timedatectl set-ntp true), and unset FLOVIFY_CLOCK_OFFSET."


def units(found: Found, databases: Databases, clock: Clock) -> list[Unit]:
    """Each clock by itself."""

    async def database(say: Say) -> Results:
        schema = "auth" if found.dsn("auth") else "api"
        store = DoctorStore(await databases.tables(schema), schema)
        started, began = time.perf_counter(), clock.now()
        theirs = await store.now()
        ahead = (began - theirs).total_seconds() + (time.perf_counter() - started) / 2
        return [judge_skew(say, ahead)]

    async def login(say: Say) -> Results:
        return [await _of_host(say, login_host(found), clock)]

    async def graph(say: Say) -> Results:
        return [await _of_host(say, graph_host(found), clock)]

    async def workers(say: Say) -> Results:
        living = [one for one in await SystemStore(await databases.tables("api")).workers() if one.alive]
        if not living:
            raise NotLookedAt("no worker is heard of", "See processes.")
        furthest = max((one.skew_seconds for one in living), key=abs)
        return [judge_skew(say, furthest, f"a worker's clock, of {len(living)},")]

    return [
        Unit(Say(Subject.CLOCK, "database"), "skew", database),
        Unit(Say(Subject.CLOCK, "sign-in host"), "skew", login),
        Unit(Say(Subject.CLOCK, "graph"), "skew", graph),
        Unit(Say(Subject.CLOCK, "workers"), "skew", workers),
    ]


def judge_skew(say: Say, ahead_seconds: float, whose: str = "this machine's clock") -> Check:
    """Tokens and certificates do without a few seconds, a minute breaks them."""
    off = abs(ahead_seconds)
    text = f"{whose} is {off:.1f} seconds {'ahead' if ahead_seconds > 0 else 'behind'}"
    if off > FAIL_SECONDS:
        return say.failed("skew", text, _MEND)
    return say.warning("skew", text, _MEND) if off > WARN_SECONDS else say.ok("skew", text)


async def _of_host(say: Say, host: Host, clock: Clock) -> Check:
    try:
        answered = await ask(host, clock)
    except NETWORK_ERRORS as error:
        raise NotLookedAt(f"no answer ({type(error).__name__})", "See entra and graph.") from None
    if answered.ahead_seconds is None:
        raise NotLookedAt("the answer has no Date header: something in between takes it away")
    return judge_skew(say, answered.ahead_seconds)
