"""FLOVIFY_CONNECTING=off: no new account, whatever way; those that are connected go on and are reconnected."""

from __future__ import annotations

from tests.integration.auth.fake_entra import Person
from tests.integration.auth.house import House


async def test_no_new_account_is_connected_and_the_others_are_reconnected(plot: House) -> None:
    await plot.start()
    tenant_id = await plot.connect()
    plot.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000002")
    begun_before, cookie = await plot.begin()
    await plot.restart(FLOVIFY_CONNECTING="off")
    plot.bearer = ""

    login = await plot.login()
    assert login.body["connecting"] is False
    new = await plot.call("GET", f"{plot.public}/auth/oauth/ms365/authorize", headers=await plot.admin())
    assert (new.status, new.code) == (403, "connecting_off")
    finished = await plot.come_back(plot.entra.sign_in(begun_before), cookie)
    assert "connecting_off" in finished.headers["Location"]
    assert await plot.owner.fetchval("SELECT count(*) FROM auth.tenants") == 1

    plot.entra.person = Person()
    url, cookie = await plot.begin(tenant_id=tenant_id)
    again = await plot.come_back(plot.entra.sign_in(url), cookie)
    assert f"connected={tenant_id}" in again.headers["Location"]
    assert (await plot.token(tenant_id)).status == 200
    words = await plot.call("GET", f"{plot.public}/auth/error-words/connecting_off", headers=await plot.admin())
    assert "FLOVIFY_CONNECTING" in words.text
