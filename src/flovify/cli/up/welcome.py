"""What `flovify up` says when everything runs: where to go, who to sign in as, what to try first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flovify.cli.up.asking import get
from flovify.cli.up.plan import Plan

_ANSWER_SECONDS = 5.0


async def sign_in_lines(plan: Plan, auth_dsn: str) -> list[str]:
    """The set-up link while nobody can sign in yet, else how to sign in."""
    from flovify.auth.users.setup import create_setup_token  # noqa: PLC0415 (only a running installation has it)
    from flovify.common.db import create_pool  # noqa: PLC0415

    pool = await create_pool(auth_dsn, application_name="flovify-up", max_size=1)
    try:
        token = await create_setup_token(pool)
    finally:
        await pool.close()
    if token:
        return [
            "sign in: nobody can sign in yet; make the first administrator by this link (works once, for 24 hours):",
            f"         {plan.public_url}/setup#token={token}",
        ]
    email = plan.settings.get("FLOVIFY_ADMIN_EMAIL")
    return [f"sign in: {plan.public_url} as {email or 'your administrator (flovify admin create-user makes another)'}"]


async def sandbox_lines(plan: Plan) -> list[str]:
    """Which mailboxes the stand-in has, and what to click to see a first message."""
    addresses = await _mailboxes(plan.sandbox_url)
    smtp = plan.ports["FLOVIFY_SANDBOX_SMTP_PORT"]
    first = addresses[0] if addresses else "sales@contoso.example"
    return [
        f"sandbox: {plan.sandbox_url} plays Microsoft, because MICROSOFT_CLIENT_ID is unset",
        f"         SMTP localhost:{smtp}, mailboxes {', '.join(addresses)}",
        f"try:     1. Connected Accounts, Connect Microsoft 365, Sandbox mailbox: connect {first} and accept",
        "         2. Sandbox (top right): send a test message to it",
        "         3. Messages: there it is, by itself; open it to see the way it took",
    ]


async def _mailboxes(sandbox_url: str) -> Sequence[str]:
    _, answer = await get(f"{sandbox_url}/_sandbox/mailboxes", _ANSWER_SECONDS)
    body = json.loads(answer)
    items: Sequence[Mapping[str, str]] = body["items"] if isinstance(body, dict) else body
    return [item["address"] for item in items]
