"""Microsoft Graph: whether this machine reaches it, by the way the services take."""

from __future__ import annotations

from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, Results, Say, Subject, Unit
from flovify.cli.doctor.outside import NETWORK_ERRORS, Host, ask, graph_host, login_host, no_answer
from flovify.common.clock import Clock


def units(found: Found, clock: Clock) -> list[Unit]:
    """Graph, and the host where people sign in."""

    async def graph(say: Say) -> Results:
        return [await _reach(say, graph_host(found), clock)]

    async def login(say: Say) -> Results:
        return [await _reach(say, login_host(found), clock)]

    return [
        Unit(Say(Subject.GRAPH, "graph"), "reachable", graph),
        Unit(Say(Subject.GRAPH, "sign-in host"), "reachable", login),
    ]


def judge_status(say: Say, host: Host, status: int) -> Check:
    """Without a token Graph refuses; any answer of its own shows that it is reached."""
    if status >= 500 or status == 407:
        mend = "Try again in a few minutes; behind a proxy, see what that says of the host."
        return say.failed("unavailable", f"answers {status}, {host.way}", mend)
    who = f"the stand-in {host.stand_in}" if host.stand_in else f"Microsoft ({host.cloud})"
    return say.ok("reachable", f"{who} answers, {host.way}")


async def _reach(say: Say, host: Host, clock: Clock) -> Check:
    try:
        return judge_status(say, host, (await ask(host, clock)).status)
    except NETWORK_ERRORS as error:
        return say.failed("unreachable", *no_answer(error))
