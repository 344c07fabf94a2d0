"""Real messages, sent by SMTP to both seeded mailboxes, come out as what Python's own parser finds in the source."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import House
from tests.integration.api_graph.corpus import explain_differences
from tests.support.ledger import read_books
from tests.support.mail import as_transmitted
from tests.support.stack import SALES, SUPPORT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]


async def test_every_real_message_is_stored_once_for_each_mailbox_and_agrees_with_its_source(
    house: House, mail_corpus: list[Path]
) -> None:
    stack = house.stack
    tenants = [await stack.connect(address) for address in (SALES, SUPPORT)]
    for tenant_id in tenants:
        await stack.subscribe(tenant_id)
    sources = {path.name: as_transmitted(path.read_bytes()) for path in mail_corpus}
    for raw in sources.values():
        await stack.send_mail(SALES, SUPPORT, raw=raw)
    for tenant_id in tenants:
        stored = await stack.wait_stored(tenant_id, len(sources), 300)
        assert len(stored) == len(sources)
        await _assert_agreement(house, sources, stored)
        books = await read_books(stack.database.owner_dsn, tenant_id)
        assert (books.messages, books.feed_rows, books.open_events) == (len(sources), len(sources), 0)


async def _assert_agreement(house: House, sources: dict[str, bytes], stored: list[dict[str, Any]]) -> None:
    """Pair each stored message with the source it came from by its raw bytes, and compare the two."""
    token = await house.stack.admin_token()
    limit = asyncio.Semaphore(4)

    async def raw_of(message: dict[str, Any]) -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{house.stack.api}/api/messages/{message['id']}/raw"
        async with limit, house.stack.http.get(url, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    raws = await asyncio.gather(*(raw_of(message) for message in stored))
    # Two files of the folder may hold the same message, so the names are those that the same bytes have.
    assert Counter(map(_canonical, raws)) == Counter(map(_canonical, sources.values()))
    names = {_canonical(raw): name for name, raw in sources.items()}
    differences: dict[str, list[str]] = {}
    for raw, message in zip(raws, stored, strict=True):
        name = names[_canonical(raw)]
        differences.setdefault(name, []).extend(explain_differences(name, sources[name], message))
    assert {name: items for name, items in differences.items() if items} == {}


def _canonical(raw: bytes) -> bytes:
    """SMTP ends a message with a line end; nothing else may differ."""
    return raw.rstrip(b"\r\n")
