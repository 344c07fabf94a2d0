"""The first five minutes in a real browser: set up, sign in, connect through Microsoft's pages, subscribe, read."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from flovify.auth.users.setup import create_setup_token
from flovify.common.db import create_pool
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.stack import SALES, SUPPORT, Stack, running_stack

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PICTURES = Path(os.environ.get("FLOVIFY_PICTURES", Path(__file__).parents[2] / "output"))
EMAIL, PASSWORD = "you@example.com", "a long pass phrase"
PATIENCE_MS = 60_000
HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
]


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A fresh profile in Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1000, "height": 700})
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        yield page
        await browser.close()


async def set_up(page: Page, stack: Stack) -> None:
    """Make the first administrator with the one-time link."""
    pool = await create_pool(stack.database.auth_dsn, application_name="test", max_size=1)
    token = await create_setup_token(pool)
    await pool.close()
    assert token is not None
    await page.goto(f"{stack.bff}/setup#token={token}")
    await expect(page.get_by_role("heading", name="Make the first administrator")).to_be_visible(timeout=PATIENCE_MS)
    assert token not in page.url, "the token must not stay in the address bar"
    await page.screenshot(path=PICTURES / "setup.png")
    await page.locator("#setup").get_by_label("Email address").fill(EMAIL)
    await page.locator("#setup").get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create and sign in").click()
    await expect(page.get_by_text("No account yet.")).to_be_visible(timeout=PATIENCE_MS)


async def cancel(page: Page) -> None:
    """Refuse the consent and be told what that means."""
    await page.get_by_role("link", name="Connect Microsoft 365 account").click()
    await page.get_by_role("button", name=SALES).click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("You pressed Cancel")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text("No account yet.")).to_be_visible(timeout=PATIENCE_MS)


async def connect(page: Page, address: str, *, pictures: bool) -> None:
    """Through the account picker and the consent page, as a person would."""
    await page.get_by_role("link", name="Connect Microsoft 365 account").click()
    await expect(page.get_by_role("heading", name="Pick an account")).to_be_visible(timeout=PATIENCE_MS)
    if pictures:
        await page.screenshot(path=PICTURES / "picker.png")
    await page.get_by_role("button", name=address).click()
    await expect(page.get_by_role("heading", name="Permissions requested")).to_be_visible(timeout=PATIENCE_MS)
    if pictures:
        await page.screenshot(path=PICTURES / "consent.png")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("The account is connected.")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text(address)).to_be_visible(timeout=PATIENCE_MS)
    assert "connected=" not in page.url


async def check_nothing_ran_and_nothing_is_kept(page: Page) -> None:
    """A sender's markup is text, and the browser holds nothing but the cookie that scripts cannot read."""
    assert await page.title() == "Flovify"
    assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    cookies = await page.context.cookies()
    assert [cookie["httpOnly"] for cookie in cookies] == [True] * len(cookies)


async def dark_and_narrow(page: Page) -> None:
    """On a phone at night nothing is cut off."""
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 390, "height": 900})
    width = await page.evaluate("document.documentElement.scrollWidth")
    await page.screenshot(path=PICTURES / "dark.png", full_page=True)
    assert width <= 390
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1000, "height": 700})


async def test_both_mailboxes_are_connected_through_the_pages_and_mail_appears(
    cluster: Cluster, tmp_path: Path
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    nobody = {"FLOVIFY_ADMIN_EMAIL": "", "FLOVIFY_ADMIN_PASSWORD": ""}
    async with (
        cluster.fresh(migrated=True) as database,
        running_stack(database, tmp_path / "data", nobody) as stack,
        browser_page() as page,
    ):
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
        await set_up(page, stack)
        await cancel(page)
        for address in (SALES, SUPPORT):
            await connect(page, address, pictures=address == SALES)
            await page.get_by_role("button", name="Subscribe inbox").click()
            await expect(page.get_by_text(f"The inbox of {address} is subscribed.")).to_be_visible(timeout=PATIENCE_MS)
            await stack.send_mail(address, raw=simple_mail(1, address, f"Hello {address},"))
        for address in (SALES, SUPPORT):
            await expect(page.get_by_text(f"Hello {address}, 1")).to_be_visible(timeout=PATIENCE_MS)
        await page.screenshot(path=PICTURES / "connected.png")
        await stack.send_mail(SALES, raw=f"From: {HOSTILE} <a@example.org>\r\nSubject: {HOSTILE}\r\n\r\n".encode())
        await expect(page.get_by_text(HOSTILE).first).to_be_visible(timeout=PATIENCE_MS)
        await check_nothing_ran_and_nothing_is_kept(page)
        await dark_and_narrow(page)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_label("Email address").last.fill(EMAIL)
        await page.get_by_label("Password").last.fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text(SALES).first).to_be_visible(timeout=PATIENCE_MS)
        assert problems == []
