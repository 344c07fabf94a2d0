"""The console in a real browser: the first five minutes, then a day of breaking, seeing and repairing. One house."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e.browser.first_minutes import (
    nothing_secret_is_kept,
    read_hostile_mail,
    refuse_consent,
    see_the_first_message,
    set_up,
)
from tests.e2e.browser.screens import (
    CHROMIUM,
    PATIENCE_MS,
    Complaints,
    accessible,
    browser,
    connect_in_the_sandbox,
    go_to,
    new_page,
    picture,
    seen,
    sign_in,
)
from tests.e2e.canaries import found, known, places
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.stack import ADMIN_EMAIL, ADMIN_PASSWORD, SALES, SUPPORT, Stack, running_stack

# The only one of its organisation, so it administers it.
ORGANIZATION_ADMIN, SHARED = SUPPORT, "orders@fabrikam.example"
VIEWER, VIEWER_PASSWORD = "viewer@example.com", "only looking at it all"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """One in which nobody can sign in yet."""
    nobody = {"FLOVIFY_ADMIN_EMAIL": "", "FLOVIFY_ADMIN_PASSWORD": ""}
    async with (
        cluster.fresh(migrated=True) as database,
        running_stack(database, tmp_path_factory.mktemp("console") / "data", nobody) as running,
    ):
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def profile(stack: Stack, cluster: Cluster, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """The administrator's, made by the one-time link; signed in."""
    first = await new_page(chromium)
    complaints = Complaints(first)
    asked: list[str] = []
    first.context.on("request", lambda request: asked.append(request.url))
    await first.goto(f"{stack.bff}/messages")
    await seen(first.get_by_role("heading", name="Sign in"))
    await seen(first.get_by_text("Nobody can sign in yet"))
    await set_up(first, stack)
    yield first.context
    assert complaints.found == []
    await first.context.close()
    # After every test: nothing that passed stands in an address, nor in clear anywhere. OAuth's own way back excepted.
    ours = [url for url in asked if url.startswith(stack.bff) and "/auth/oauth/ms365/" not in url]
    assert len(ours) > 100
    assert found({**await places(stack, cluster), "addresses": "\n".join(ours)}, known(stack)) == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(stack: Stack, profile: BrowserContext) -> AsyncIterator[Page]:
    """A tab of the administrator's; at the end nothing was complained of."""
    found = await profile.new_page()
    complaints = Complaints(found)
    await found.goto(stack.bff)
    await seen(found.get_by_role("navigation"))
    yield found
    assert complaints.found == []
    await found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def connected(stack: Stack) -> Path:
    """Both mailboxes of the sandbox, connected and subscribed."""
    for address in (SALES, SUPPORT):
        tenant_id = await stack.connect(address)
        kept = await stack.call("GET", f"{stack.api}/api/ms365/subscriptions", params={"tenant_id": tenant_id})
        if not kept["items"]:
            await stack.subscribe(tenant_id)
    return stack.data_dir


async def test_the_first_five_minutes(page: Page, stack: Stack) -> None:
    await accessible(page, "overview-empty")
    await refuse_consent(page)
    await connect_in_the_sandbox(page, SALES)
    await accessible(page, "outcome")
    await see_the_first_message(page, stack)
    await accessible(page, "message")
    await read_hostile_mail(page, stack)
    await nothing_secret_is_kept(page)


async def test_each_page_by_the_navigation(page: Page) -> None:
    for name in ("Overview", "Connected Accounts", "Events", "Dead letters", "Subscriptions", "Sandbox"):
        await go_to(page, name)
        await expect(page.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE_MS)
        await picture(page, name.lower().replace(" ", "-"))
        await accessible(page, name.lower().replace(" ", "-"))


async def test_signing_out_and_in_again(stack: Stack, chromium: Browser) -> None:
    page = await new_page(chromium)
    await page.goto(f"{stack.bff}/events")
    await sign_in(page, ADMIN_EMAIL, ADMIN_PASSWORD)
    await seen(page.get_by_role("heading", name="Events", level=1))
    await page.get_by_role("button", name=re.compile("Account menu")).click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await seen(page.get_by_text("You are signed out."))
    await page.context.close()


async def test_connecting_with_the_keyboard_alone(page: Page, stack: Stack) -> None:
    """From the address of the page to the connected mailbox, without a pointer."""
    await page.goto(f"{stack.bff}/admin/tenants?connect=mailbox")
    await seen(page.get_by_role("button", name="Continue to Microsoft"))
    await _tab_to(page, "Address of the mailbox")
    await page.keyboard.type(SUPPORT)
    await page.keyboard.press("Enter")
    await seen(page.get_by_role("button", name="Accept"))
    await _by_keyboard(page, "Accept")
    await seen(page.get_by_role("heading", name=f"{SUPPORT} is connected"))
    await _by_keyboard(page, "Done")
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE_MS)


@pytest.mark.usefixtures("connected")
async def test_a_poisoned_message_becomes_a_dead_letter_and_a_replay_brings_it_in(page: Page, stack: Stack) -> None:
    await go_to(page, "Sandbox")
    await page.get_by_role("combobox", name="Of this account").click()
    await page.get_by_role("option", name=SALES).click()
    await page.get_by_role("button", name="Break it: Poison the next message").click()
    await seen(page.get_by_role("button", name="Take the poison away"))
    await stack.send_mail(SALES, raw=simple_mail(7, SALES, "Poisoned"))
    await go_to(page, "Dead letters")
    await seen(page.get_by_role("button", name="Replay it"))
    await picture(page, "dead-letters")
    await accessible(page, "dead-letter")
    # The poison was for one message: there is nothing to take away any more.
    await go_to(page, "Sandbox")
    await expect(page.get_by_role("button", name="Take the poison away")).to_have_count(0, timeout=PATIENCE_MS)
    await go_to(page, "Dead letters")
    await _by_keyboard(page, "Replay it")
    await accessible(page, "replay-preview")
    await _by_keyboard(page, "Replay 1 dead letter")
    await seen(page.get_by_role("dialog").get_by_text("Finished"))
    await accessible(page, "replay")
    await _by_keyboard(page, "Close")
    await go_to(page, "Messages")
    await seen(page.get_by_text("Poisoned 7"))


@pytest.mark.usefixtures("connected")
async def test_what_was_not_announced_is_fetched_on_demand(page: Page, stack: Stack) -> None:
    await go_to(page, "Sandbox")
    await page.get_by_role("combobox", name="Of this account").click()
    await page.get_by_role("option", name=SUPPORT).click()
    await page.get_by_role("button", name="Break it: Drop notifications").click()
    await seen(page.get_by_role("button", name="Deliver notifications again"))
    await stack.send_mail(SUPPORT, raw=simple_mail(8, SUPPORT, "Silent"))
    await go_to(page, "Connected Accounts")
    await _account(page, SUPPORT).click()
    await page.get_by_role("button", name="Sync now").click()
    await go_to(page, "Messages")
    await seen(page.get_by_text("Silent 8"))
    await go_to(page, "Sandbox")
    await page.get_by_role("button", name="Deliver notifications again").click()
    await expect(page.get_by_role("button", name="Deliver notifications again")).to_have_count(0, timeout=PATIENCE_MS)


@pytest.mark.usefixtures("connected")
async def test_another_account_cannot_reconnect_one(page: Page) -> None:
    async def sign_in_as_another(route: Route) -> None:
        """What a person does who picks another account on Microsoft's page."""
        url = re.sub("login_hint=[^&]*", f"sandbox_auto={SUPPORT}", route.request.url)
        await route.fulfill(status=302, headers={"Location": url})

    await page.route(re.compile("/oauth2/v2.0/authorize"), sign_in_as_another)
    await go_to(page, "Connected Accounts")
    await _account(page, SALES).click()
    await page.get_by_role("button", name="Reconnect").first.click()
    await accessible(page, "reconnect")
    await page.get_by_role("button", name="Reconnect at Microsoft").click()
    await seen(page.get_by_role("heading", name="The account was not connected"))
    await seen(page.get_by_text("Another account signed in"))


@pytest.mark.usefixtures("connected")
async def test_an_organisation_approves_by_a_link_and_its_shared_mailbox_is_chosen(
    page: Page, stack: Stack, chromium: Browser
) -> None:
    body = {"address": SHARED, "display_name": "Orders", "kind": "shared"}
    await stack.call("POST", f"{stack.sandbox}/_sandbox/mailboxes", json=body, token=None)
    await page.goto(f"{stack.bff}/admin/tenants?connect=consent")
    await page.get_by_role("button", name="Create link").click()
    link = await page.get_by_label("Address of the link").input_value()
    await _approved_elsewhere(chromium, link)
    await page.goto(f"{stack.bff}/admin/tenants?connect=organization")
    await page.get_by_role("button", name=re.compile("^Choose mailboxes of")).first.click()
    await page.get_by_label("Search by the start of a name or address").fill(SHARED.partition("@")[0])
    await page.get_by_role("list", name="Mailboxes").get_by_role("checkbox").first.check()
    await accessible(page, "organization")
    await page.get_by_role("button", name="Connect 1 mailbox").click()
    await seen(page.get_by_role("dialog").get_by_text(SHARED))
    await accessible(page, "organization-results")
    await page.get_by_role("button", name="Done").click()
    await seen(_account(page, SHARED))


async def _approved_elsewhere(chromium: Browser, link: str) -> None:
    """By an administrator of the organisation who has no account here."""
    other = await new_page(chromium)
    await other.goto(link)
    await other.get_by_role("button", name="Continue to Microsoft").click()
    await other.get_by_role("button", name=ORGANIZATION_ADMIN).click()
    await other.get_by_role("button", name="Accept").click()
    await seen(other.get_by_role("heading", name="Approved"))
    await other.context.close()


async def test_the_owner_of_a_mailbox_follows_a_link_once(stack: Stack, chromium: Browser) -> None:
    address = "by-link@contoso.example"
    body = {"address": address, "display_name": "By link"}
    await stack.call("POST", f"{stack.sandbox}/_sandbox/mailboxes", json=body, token=None)
    made = await stack.call("POST", f"{stack.auth}/auth/connect-links", json={"login_hint": address})
    token = made["url"].partition("#token=")[2]
    page = await new_page(chromium)
    complaints = Complaints(page)
    await page.goto(made["url"])
    button = page.get_by_role("button", name="Continue to Microsoft")
    await expect(button).to_be_enabled(timeout=PATIENCE_MS)
    assert token not in page.url, "the token must not stay in the address bar"
    await picture(page, "link")
    await button.click()
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("heading", name="The mailbox is connected")).to_be_visible(timeout=PATIENCE_MS)
    assert complaints.found == []

    await page.goto(made["url"])
    await page.get_by_role("button", name="Continue to Microsoft").click()
    await expect(page.get_by_role("alert")).to_contain_text("link", timeout=PATIENCE_MS)
    await expect(page.get_by_role("button")).to_be_enabled()
    await page.context.close()
    listed = await stack.call("GET", f"{stack.auth}/auth/tenants", params={"limit": "500"})
    [tenant_id] = [item["id"] for item in listed["items"] if item["account_email"] == address]
    await stack.subscribe(tenant_id)
    await stack.send_mail(address, raw=simple_mail(1, address))
    assert len(await stack.wait_stored(tenant_id, 1)) == 1
    assert token not in stack.logs()


async def test_a_viewer_is_invited_looks_and_changes_nothing(page: Page, stack: Stack, chromium: Browser) -> None:
    await page.goto(f"{stack.bff}/settings/users")
    await page.get_by_role("button", name="Invite").first.click()
    await page.get_by_role("dialog").get_by_label("Email address").fill(VIEWER)
    await accessible(page, "invite")
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("Invite|Make|Create")).click()
    link = await page.get_by_label("Invitation link").input_value()
    assert re.fullmatch(rf"{stack.bff}/invitation#token=[\w-]+", link)
    other = await new_page(chromium)
    complaints = Complaints(other)
    await other.goto(link)
    await other.get_by_label("Password", exact=True).fill(VIEWER_PASSWORD)
    assert "token" not in other.url
    await other.get_by_role("button", name="Save and sign in").click()
    await go_to(other, "Connected Accounts")
    await expect(other.get_by_role("button", name="Connect an account").first).to_be_disabled()
    await go_to(other, "Audit log")
    await seen(other.get_by_text(re.compile("needs.*Administrator", re.IGNORECASE)))
    assert (await other.request.get(f"{stack.bff}/bff/auth/users")).status == 403
    assert complaints.found == []
    await other.context.close()


async def test_the_audit_log_tells_who_did_what(page: Page) -> None:
    await go_to(page, "Audit log")
    await seen(page.get_by_text(re.compile("signed in", re.IGNORECASE)))
    await seen(page.get_by_text(re.compile("user created", re.IGNORECASE)))
    await accessible(page, "audit")


@pytest.mark.nightly
@pytest.mark.parametrize("section", ["general", "registrations", "api-keys", "users", "sessions", "system"])
async def test_each_section_of_the_settings(page: Page, stack: Stack, section: str) -> None:
    await page.goto(f"{stack.bff}/settings/{section}")
    await seen(page.get_by_role("tabpanel"))
    await expect(page.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE_MS)
    await accessible(page, f"settings-{section}")
    text = await page.locator("main").inner_text()
    for secret in (stack.secrets.service_secret, stack.secrets.client_secret, stack.secrets.encryption_key):
        assert secret not in text


@pytest.mark.usefixtures("connected")
async def test_seven_tabs_are_live_over_one_stream(page: Page, stack: Stack) -> None:
    """Browsers allow six connections to a host over HTTP/1.1: one stream a tab would block the seventh tab."""
    tabs = [page, *[await page.context.new_page() for _ in range(6)]]
    for tab in tabs:
        await tab.goto(f"{stack.bff}/messages")
        await seen(tab.get_by_role("heading", name="Messages"))
        await seen(tab.get_by_text("Live", exact=True))
    await stack.send_mail(SALES, raw=simple_mail(9, SALES, "To all tabs"))
    for tab in tabs:
        new_rows = tab.get_by_role("button", name=re.compile("new - show")).or_(tab.get_by_text("To all tabs 9"))
        await seen(new_rows)
    for tab in tabs[1:]:
        await tab.close()


@pytest.mark.usefixtures("connected")
async def test_an_account_is_tested_and_disconnected_by_typing_its_name(page: Page) -> None:
    await go_to(page, "Connected Accounts")
    await _account(page, SALES).click()
    await page.get_by_role("button", name="Refresh token").click()
    await seen(page.get_by_text(re.compile("Microsoft gave")))
    await page.get_by_role("button", name=re.compile("Test")).first.click()
    await seen(page.get_by_role("dialog").get_by_text("What the test made at Microsoft is gone."))
    await accessible(page, "connection-test")
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Disconnect").first.click()
    dialog = page.get_by_role("alertdialog")
    confirm = dialog.get_by_role("button", name="Disconnect")
    await expect(confirm).to_be_disabled()
    await dialog.get_by_label(re.compile("^Type ")).fill(SALES)
    await accessible(page, "disconnect")
    await confirm.click()
    await seen(page.get_by_role("heading", name="Connected Accounts", level=1))
    await expect(_account(page, SALES)).to_have_count(0, timeout=PATIENCE_MS)


def _account(page: Page, address: str) -> Locator:
    """The link to its page, in the list; that to its dead letters holds the address too."""
    return page.get_by_role("link", name=re.compile(rf"^(?!\d+ dead letters).*{re.escape(address)}"))


async def _by_keyboard(page: Page, name: str) -> None:
    await _tab_to(page, name)
    await page.keyboard.press("Enter")


async def _tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus, as far as a patient person would."""
    for _ in range(60):
        focused = await page.evaluate(
            "(() => { const on = document.activeElement; const of = on?.labels?.[0]?.innerText; "
            "return [on?.getAttribute('aria-label'), of, on?.innerText].map(text => (text ?? '').trim()); })()"
        )
        if name in focused:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached with the Tab key")
