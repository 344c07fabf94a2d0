"""The first five minutes, step by step: set up, connect through the pages of Microsoft, see a message arrive."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from flovify.auth.users.setup import create_setup_token
from flovify.common.db import create_pool
from tests.e2e.browser.screens import go_to, picture, seen
from tests.support.mail import simple_mail
from tests.support.stack import ADMIN_EMAIL, ADMIN_PASSWORD, SALES, Stack

HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
HOSTILE_HTML = (
    f"{HOSTILE}<img src='http://evil.test/pixel.png'><link rel=stylesheet href='http://evil.test/a.css'>"
    "<meta http-equiv=refresh content='0;url=http://evil.test/'><form action='http://evil.test/'><button>x</button></form>"
    "<p style='background:url(http://evil.test/b.png)' onclick=alert(1)>Kind regards</p>"
)


async def set_up(page: Page, stack: Stack) -> None:
    """Make the first administrator with the one-time link; the steps after it can be skipped."""
    pool = await create_pool(stack.database.auth_dsn, application_name="test", max_size=1)
    token = await create_setup_token(pool)
    await pool.close()
    assert token is not None
    await page.goto(f"{stack.bff}/setup#token={token}")
    await page.get_by_label("Email address").fill(ADMIN_EMAIL)
    assert token not in page.url, "the token must not stay in the address bar"
    await page.get_by_label("Password", exact=True).fill(ADMIN_PASSWORD)
    await picture(page, "setup")
    await page.get_by_role("button", name=re.compile("administrator|Next|Create", re.IGNORECASE)).click()
    await page.get_by_role("button", name="Check the address").click()
    await seen(page.get_by_text("Flovify answers as Microsoft needs it"))
    await page.get_by_role("button", name=re.compile("Next|Skip")).click()
    await page.get_by_role("link", name=re.compile("Explore with the sandbox")).click()
    await seen(page.get_by_role("button", name=f"Connect {SALES}"))
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await go_to(page, "Overview")


async def refuse_consent(page: Page) -> None:
    """Cancel at Microsoft, and be told what that means."""
    await go_to(page, "Connected Accounts")
    await seen(page.get_by_text("No accounts yet"))
    await page.goto(page.url + "?connect=mailbox")
    await page.get_by_role("button", name="Continue to Microsoft").click()
    await page.get_by_role("button", name=SALES).click()
    await page.get_by_role("button", name="Cancel").click()
    await seen(page.get_by_role("heading", name="The account was not connected"))
    await seen(page.get_by_text("were declined"))
    await page.get_by_role("button", name="Close").click()
    assert "error=" not in page.url


async def see_the_first_message(page: Page, stack: Stack) -> None:
    """It comes by itself, into the dialog that waits for it."""
    await stack.send_mail(SALES, raw=simple_mail(1, SALES, "Hello,"))
    await seen(page.get_by_text("The first message is here"))
    await picture(page, "connected")
    await page.get_by_role("link", name="Hello, 1").click()
    await seen(page.get_by_role("heading", name="Hello, 1"))
    await expect(page.get_by_role("region", name="Trace").or_(page.get_by_text("Trace"))).not_to_have_count(0)
    await seen(page.get_by_text(re.compile("^Stored")))
    await picture(page, "message")


async def read_hostile_mail(page: Page, stack: Stack) -> None:
    """A sender's markup is text in the list, and its HTML is shown in a frame that runs and fetches nothing."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "evil.test" in request.url else None)
    raw = f"From: {HOSTILE} <a@example.org>\r\nSubject: {HOSTILE}\r\nContent-Type: text/html\r\n\r\n{HOSTILE_HTML}"
    await go_to(page, "Messages")
    await seen(page.get_by_text("Hello, 1"))
    await stack.send_mail(SALES, raw=raw.encode())
    # New rows do not move what is being read: they are shown when asked for.
    await page.get_by_role("button", name=re.compile("1 new")).click()
    await page.get_by_text(HOSTILE).first.click()
    body = page.frame_locator("iframe[title^='Message:']")
    await seen(body.get_by_text("Kind regards"))
    assert await body.locator("script, img[src], form, iframe, meta[http-equiv], link").count() == 0
    assert asked == []
    assert "owned" not in await page.title()
    await picture(page, "hostile")


async def nothing_secret_is_kept(page: Page) -> None:
    """The browser holds preferences, and the cookie that scripts cannot read."""
    kept = await page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie].join()")
    assert not re.search(r"eyJ|token|[\w-]{43}", kept), kept
    assert all(cookie["httpOnly"] for cookie in await page.context.cookies())
