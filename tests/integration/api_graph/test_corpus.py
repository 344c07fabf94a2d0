from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.api_graph.corpus import DIFFERENCES, compare, unexplained
from tests.integration.api_graph.running import Api
from tests.integration.api_graph.test_message_routes import fetch_and_store

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_real_message_is_stored_and_agrees_with_its_source(api: Api, mail_corpus: list[Path]) -> None:
    tenant, mailbox = await api.connect()
    sources = {path.name: path.read_bytes() for path in mail_corpus}
    ids = {name: await api.sandbox.deliver(mailbox, source) for name, source in sources.items()}
    refs = await fetch_and_store(api, tenant, mailbox, *ids.values())
    assert len({ref.id for ref in refs}) == len(sources)
    by_provider_id = {ref.provider_message_id: str(ref.id) for ref in refs}
    surprises: list[str] = []
    used: set[str] = set()
    for name, source in sources.items():
        shown = (await api.call("GET", f"/api/messages/{by_provider_id[ids[name]]}")).body
        differences = compare(source, shown)
        surprises += unexplained(name, differences)
        used |= {why for difference in differences for why in difference.reasons}
    assert surprises == []
    assert used == {item.why for item in DIFFERENCES}, "an explanation that nothing needs hides the next mistake"
