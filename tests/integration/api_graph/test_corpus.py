from __future__ import annotations

from pathlib import Path

from tests.integration.api_graph.corpus import DIFFERENCES, explain_differences, reasons
from tests.integration.api_graph.running import Api
from tests.integration.api_graph.test_message_routes import fetch_and_store


async def test_every_real_message_is_stored_and_agrees_with_its_source(api: Api, mail_corpus: list[Path]) -> None:
    tenant, mailbox = await api.connect()
    sources = {path.name: path.read_bytes() for path in mail_corpus}
    ids = {name: await api.sandbox.deliver(mailbox, source) for name, source in sources.items()}
    refs = await fetch_and_store(api, tenant, mailbox, *ids.values())
    assert len({ref.id for ref in refs}) == len(sources)
    by_provider_id = {ref.provider_message_id: str(ref.id) for ref in refs}
    unexplained: list[str] = []
    used: set[str] = set()
    for name, source in sources.items():
        shown = (await api.call("GET", f"/api/messages/{by_provider_id[ids[name]]}")).body
        unexplained += explain_differences(name, source, shown)
        used |= {why for whys in reasons(source, shown).values() for why in whys}
    assert unexplained == []
    assert used == {item.why for item in DIFFERENCES}, "an explanation that nothing needs hides the next mistake"
