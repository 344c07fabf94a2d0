"""Every process is replaced in turn, as an upgrade does it, while mail flows: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import House
from tests.e2e.test_exactly_once import assert_exactly_once, settled
from tests.support.mail import simple_mail
from tests.support.stack import SERVICES, Stack

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_replacing_each_process_under_load_loses_and_doubles_nothing(house: House) -> None:
    mailbox = await house.connected()
    done = asyncio.Event()
    flow = asyncio.create_task(_flow(house.stack, mailbox.address, done))
    for name in SERVICES[1:]:
        assert await asyncio.to_thread(_replace, house.stack, name) == 0
    done.set()
    sent = await flow
    assert sent > len(SERVICES)
    assert_exactly_once(await settled(house, mailbox, sent), sent)


async def _flow(stack: Stack, address: str, done: asyncio.Event) -> int:
    """One mail after the other until it is enough; how many that were."""
    number = 0
    while not done.is_set():
        number += 1
        await stack.send_mail(address, raw=simple_mail(number, address, "rolling"))
    return number


def _replace(stack: Stack, name: str) -> int:
    """SIGTERM, an orderly end, and the next one; the exit status of the first."""
    process = stack.processes[name]
    status = process.terminate()
    stack.ended.append(process)
    stack.start(name)
    stack.wait_ready(name)
    return status
