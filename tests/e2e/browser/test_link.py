"""Somebody without an account here connects a mailbox by a link, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import ConsoleMessage, expect

from tests.e2e.browser.screens import CHROMIUM, PATIENCE_MS, PICTURES, browser_page
from tests.e2e.conftest import House
from tests.support.mail import simple_mail

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
]


async def test_the_owner_of_a_mailbox_follows_a_link_once(house: House) -> None:
    address, stack = await house.new_mailbox(), house.stack
    made = await stack.call("POST", f"{stack.auth}/auth/connect-links", json={"login_hint": address})
    token = made["url"].partition("#token=")[2]
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            complaints.append(message.text)

    async with browser_page() as page:
        page.on("console", note)
        await page.goto(made["url"])
        button = page.get_by_role("button", name="Continue to Microsoft")
        await expect(button).to_be_enabled(timeout=PATIENCE_MS)
        assert token not in page.url, "the token must not stay in the address bar"
        await page.screenshot(path=PICTURES / "link.png")
        await button.click()
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", name="The mailbox is connected")).to_be_visible(timeout=PATIENCE_MS)
        await page.screenshot(path=PICTURES / "link-done.png")
        assert complaints == []

        await page.goto(made["url"])
        await page.get_by_role("button", name="Continue to Microsoft").click()
        await expect(page.get_by_role("alert")).to_contain_text("link", timeout=PATIENCE_MS)
        await expect(page.get_by_role("button")).to_be_enabled()
    listed = await stack.call("GET", f"{stack.auth}/auth/tenants", params={"limit": "500"})
    [tenant_id] = [item["id"] for item in listed["items"] if item["account_email"] == address]
    await stack.subscribe(tenant_id)
    await stack.send_mail(address, raw=simple_mail(1, address))
    assert len(await stack.wait_stored(tenant_id, 1)) == 1
    assert token not in stack.logs()
