"""`flovify tenants`: connected accounts from the command line."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import typer

from flovify.cli.auth_parts import auth_settings, run_with
from flovify.common.errors import InvalidRequest

if TYPE_CHECKING:
    from flovify.auth.organizations.models import MailboxResult, Organization
    from flovify.auth.parts import Parts

app = typer.Typer(help="Connect, list, test and disconnect accounts.", no_args_is_help=True)
JSON = typer.Option(False, "--json", help="Print JSON for programs.")
BY = typer.Option("", "--by", help="The administrator it is done for. Default: the first one.")
REGISTRATION = typer.Option("", "--registration", help="Id of an app registration. Default: the default one.")
T = TypeVar("T")


@app.command("list")
def list_tenants(as_json: bool = JSON) -> None:
    """List the connected accounts."""

    async def body(parts: Parts) -> list[dict[str, Any]]:
        from flovify.auth.tenants.schemas import tenant_out  # noqa: PLC0415

        found: list[dict[str, Any]] = []
        after = None
        while page := await parts.tenants.overviews(after, 500):
            found += [tenant_out(one).model_dump(mode="json") for one in page]
            after = page[-1].tenant.id
        return found

    found = _run(body)
    if as_json:
        _print_json({"items": found})
        return
    for one in found:
        typer.echo(
            f"{one['id']}  {one['status']:<18} {one['token_type'] or '-':<9} {one['cloud']:<6} {one['account_email']}"
        )
        if one["status_reason"]:
            words = one["status_reason"]["words"]
            typer.echo(f"    {words['cause']} {words['action']}")


@app.command()
def connect(
    mailboxes: list[str] = typer.Argument(None, help="With --organization: addresses or object ids."),
    organization: str = typer.Option(
        "", help="An organisation that approved the app: our id for it, or its tenant id."
    ),
    registration: str = REGISTRATION,
    login_hint: str = typer.Option("", help="The address to sign in with."),
    by: str = BY,
    as_json: bool = JSON,
) -> None:
    """Print the address at which an administrator connects an account, or connect mailboxes of an organisation.

    With --organization the app reads each mailbox's inbox first, by application permissions; one that cannot be
    connected is told with the reason, and the exit status is then 1.
    """
    if bool(organization) != bool(mailboxes):
        raise InvalidRequest("mailboxes go with --organization, and --organization with mailboxes")
    if organization:
        _connect_mailboxes(mailboxes, organization, registration, by, as_json=as_json)
        return
    query = urlencode(
        {"registration_id": registration, "login_hint": login_hint} if registration else {"login_hint": login_hint}
    )
    from flovify.auth.settings import AuthSettings  # noqa: PLC0415

    place = f"{auth_settings(AuthSettings).public_url}/auth/oauth/ms365/authorize"
    url = f"{place}?{query}" if login_hint or registration else place
    if as_json:
        _print_json({"url": url})
    else:
        typer.echo(f"open in a browser that is signed in as an administrator:\n{url}")


@app.command()
def link(
    purpose: str = typer.Option("mailbox", help="mailbox, or admin_consent for an organisation's approval."),
    login_hint: str = typer.Option("", help="The address to sign in with."),
    tenant: str = typer.Option("", help="The connected account to connect again."),
    mailbox: str = typer.Option("", help="A mailbox that is shared with whoever opens the link, instead of their own."),
    hours: int = typer.Option(72, min=1, max=168, help="How long it can be used."),
    registration: str = REGISTRATION,
    by: str = BY,
    as_json: bool = JSON,
) -> None:
    """Make a link for somebody without an account here: it works once, and is shown once."""
    if purpose not in {"mailbox", "admin_consent"}:
        raise InvalidRequest("the purpose is mailbox or admin_consent")

    async def body(parts: Parts) -> dict[str, Any]:
        from flovify.auth.links.routes import LinkRequest, checked, shown  # noqa: PLC0415

        creator, email = await parts.links.administrator(by)
        wanted = LinkRequest.model_validate(
            {
                "purpose": purpose,
                "login_hint": login_hint,
                "tenant_id": _id(tenant, "--tenant"),
                "mailbox": mailbox,
                "registration_id": _id(registration, "--registration"),
                "expires_in_hours": hours,
            }
        )
        made = await parts.links.make(await checked(wanted, creator, parts.records.apps, parts.tenants), email)
        return {**shown(made.link), "url": made.url}

    found = _run(body)
    if as_json:
        _print_json(found)
    else:
        typer.echo(f"{found['url']}\nworks once, until {found['expires_at']}")


@app.command("test")
def try_connection(
    tenant: str = typer.Argument(help="Id of a connected account."),
    as_json: bool = JSON,
) -> None:
    """Try the whole way: token, mailbox, a subscription's round trip. Each step is printed as it ends."""

    async def body(parts: Parts) -> bool:
        done = False
        async for step in parts.api.test_tenant(_required_id(tenant)):
            typer.echo(json.dumps(step) if as_json else _step(step))
            done = bool(step.get("done") and step.get("ok"))
        return done

    if not _run(body):
        raise typer.Exit(1)


@app.command()
def disconnect(
    tenant: str = typer.Argument(help="Id of a connected account."),
    force: bool = typer.Option(False, help="Also when its subscriptions at Microsoft cannot be removed now."),
    by: str = BY,
    as_json: bool = JSON,
) -> None:
    """Remove an account: its subscriptions at Microsoft first, then its tokens. Stored messages stay."""

    async def body(parts: Parts) -> dict[str, Any]:
        _, email = await parts.links.administrator(by)
        return await parts.tenants.disconnect(_required_id(tenant), f"{email} at the command line", force=force)

    removed = _run(body)
    if as_json:
        _print_json(removed)
    else:
        typer.echo(f"disconnected; {removed['removed']} subscriptions removed at Microsoft")


def _connect_mailboxes(mailboxes: list[str], organization: str, registration: str, by: str, *, as_json: bool) -> None:
    async def body(parts: Parts) -> list[MailboxResult]:
        _, email = await parts.links.administrator(by)
        actor = f"{email} at the command line"
        found = await _organization(parts, organization, _id(registration, "--registration"), actor)
        return await parts.organizations.connect(found.id, mailboxes, actor)

    from flovify.auth.organizations.routes import result_shown  # noqa: PLC0415

    results = _run(body)
    if as_json:
        _print_json({"items": [result_shown(one) for one in results]})
    else:
        for one in results:
            typer.echo(f"{one.mailbox}: {one.status} {one.tenant_id or one.code}")
            if one.words:
                typer.echo(f"    {one.words['cause']} {one.words['action']}")
            for line in one.command.splitlines():
                typer.echo(f"    {line}")
    if any(one.status != "connected" for one in results):
        raise typer.Exit(1)


async def _organization(parts: Parts, named: str, registration_id: UUID | None, actor: str) -> Organization:
    """By our id, or by Microsoft's, which is then looked at first. Raises InvalidRequest for what is neither."""
    from flovify.auth.errors import OrganizationNotFound  # noqa: PLC0415

    try:
        return await parts.organizations.get(_required_id(named))
    except OrganizationNotFound:
        registration = await parts.records.apps.resolve(registration_id)
        return await parts.organizations.claim(registration, named, actor)


def _step(step: dict[str, Any]) -> str:
    if step.get("done"):
        return "ok" if step.get("ok") else "failed"
    words = step.get("words") or {}
    text = f"{words.get('cause', '')} {words.get('action', '')}".strip() if isinstance(words, dict) else str(words)
    return f"{step.get('status', ''):<8} {step.get('ms', 0):>7} ms  {step.get('step', '')}  {text}".rstrip()


def _required_id(text: str) -> UUID:
    found = _id(text, "it")
    if found is None:
        raise InvalidRequest("give an id")
    return found


def _id(text: str, name: str) -> UUID | None:
    """None for an empty text. Raises InvalidRequest for what is no id."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidRequest(f"{name} must be an id such as 7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f") from None


def _run(body: Callable[[Parts], Awaitable[T]]) -> T:
    from flovify.auth.parts import Parts  # noqa: PLC0415
    from flovify.auth.settings import AuthSettings  # noqa: PLC0415

    return run_with(AuthSettings, Parts.open, body)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, default=str))
