"""A browser, and what is done with the console's pages in more than one test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Where pictures of every page are kept; without it none is taken, since each costs a moment.
PICTURES = os.environ.get("FLOVIFY_PICTURES")
AXE = Path(__file__).parents[3] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 120_000
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 900}
# With forced colours (Windows high contrast) fills are gone: what was told by a fill alone needs an edge.
EDGELESS = """() => {
    const told = '.MuiButton-contained, .MuiButton-outlined, .MuiDialog-paper, .MuiCard-root, .MuiChip-root, ' +
        'nav a[aria-current=page]';
    const drawn = (style) => !['', 'none', 'hidden'].includes(style);
    return [...document.querySelectorAll(told)]
        .filter((one) => one.getClientRects().length > 0)
        .filter((one) => !drawn(getComputedStyle(one).borderTopStyle) && !drawn(getComputedStyle(one).outlineStyle))
        .map((one) => `${one.className} ${one.textContent.slice(0, 40)}`);
}"""
# Bars and rings that move would make the same page look different each time.
_STILL: Literal["reduce"] = "reduce"


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        await found.close()


async def new_page(of: Browser) -> Page:
    """A page in a profile of its own."""
    context = await of.new_context(viewport={"width": 1280, "height": 800}, reduced_motion=_STILL)
    context.set_default_timeout(PATIENCE_MS)
    return await context.new_page()


class Complaints:
    """What the browser says is wrong: exceptions of scripts, and violations of the page's policy."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if "Content Security" in message.text or "Trusted" in message.text:
            self.found.append(message.text)


async def picture(page: Page, name: str) -> None:
    """Keep how the page looks, to be looked at; `make pictures` takes some over into the documents."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def seen(locator: Locator) -> None:
    await expect(locator.first).to_be_visible(timeout=PATIENCE_MS)


async def sign_in(page: Page, email: str, password: str) -> None:
    await page.get_by_label("Email address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await seen(page.get_by_role("navigation"))


async def go_to(page: Page, name: str) -> None:
    """By the navigation, as a person would."""
    await page.get_by_role("navigation").get_by_role("link", name=re.compile(rf"^{name}")).click()
    await seen(page.get_by_role("heading", name=name, level=1))


async def connect_in_the_sandbox(page: Page, address: str) -> None:
    """By the dialog and the consent page; the outcome stays open."""
    await go_to(page, "Connected Accounts")
    await (
        page.get_by_role("button", name="Connect an account")
        .or_(page.get_by_role("link", name="Connect an account"))
        .first.click()
    )
    # The page behind the dialog has a button of that name too, until the dialog is there.
    await page.get_by_role("dialog").get_by_role("button", name="Sandbox mailbox").click()
    await page.get_by_role("button", name=f"Connect {address}").click()
    await seen(page.get_by_role("button", name="Accept"))
    await picture(page, "consent")
    await page.get_by_role("button", name="Accept").click()
    await seen(page.get_by_role("heading", name=f"{address} is connected"))
    await seen(page.get_by_text("The inbox is subscribed"))


async def accessible(page: Page, name: str) -> None:
    """Nothing that axe sees, in light and in dark; nothing cut off on a phone; edges where colours are forced."""
    # What is still connecting changes its words in the middle of the check.
    await expect(page.get_by_role("button", name="(Connecting)")).to_have_count(0, timeout=PATIENCE_MS)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme, reduced_motion=_STILL)
        await expect(page.locator("html")).to_have_class(re.compile(scheme), timeout=PATIENCE_MS)
        await page.mouse.move(1, 1)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
        # What passed is not read: describing each of those nodes takes longer than all rules.
        found = await page.evaluate("axe.run({ resultTypes: ['violations'] }).then(result => result.violations)")
        told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert not told, f"{name} in {scheme}: {told}"
        await picture(page, f"{name}-{scheme}")
    await page.set_viewport_size({"width": 320, "height": 900})
    width = await page.evaluate("document.documentElement.scrollWidth")
    await picture(page, f"{name}-narrow")
    await page.emulate_media(color_scheme="light", reduced_motion=_STILL, forced_colors="active")
    await page.set_viewport_size({"width": 1280, "height": 800})
    edgeless = await page.evaluate(EDGELESS)
    await picture(page, f"{name}-forced")
    await page.emulate_media(color_scheme="light", reduced_motion=_STILL, forced_colors="none")
    assert edgeless == [], f"{name} has no edges where the system forces its colours: {edgeless}"
    assert width <= NARROW["width"], f"{name} is {width} px wide on a phone"
