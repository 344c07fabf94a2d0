"""The sandbox's sign-in pages: account picker, consent, error. Everything that comes from outside is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib import resources

from starlette.responses import HTMLResponse, Response

from flovify.sandbox.directory.models import App, User
from flovify.sandbox.entra.scopes import APP_ROLES, WORDS

_SUBMIT = "document.forms[0].submit()"
_DECIDE = (
    '<div class="actions"><button name="decision" value="cancel">Cancel</button>'
    '<button class="primary" name="decision" value="accept">Accept</button></div>'
)


def picker(app: App, flow_id: str, action: str, users: Sequence[User]) -> Response:
    """Choose who signs in."""
    buttons = "".join(
        f'<button class="account" name="user" value="{escape(user.id)}"><strong>{escape(user.display_name)}</strong>'
        f"<span>{escape(user.address)}</span></button>"
        for user in users
    )
    listed = buttons or "<p>There is no mailbox yet. Make one with POST /_sandbox/mailboxes.</p>"
    return _page(
        "Pick an account",
        f"<h1>Pick an account</h1><p>to continue to {escape(app.display_name)}</p>{_form(action, flow_id, listed)}",
    )


def consent(app: App, flow_id: str, action: str, user: User, scopes: Sequence[str]) -> Response:
    """Allow or refuse what the application asks for."""
    return _page(
        "Permissions requested",
        f"<h1>Permissions requested</h1><p>{escape(app.display_name)} asks {escape(user.address)} to allow it to:</p>"
        f"<ul>{_permissions(scopes, WORDS)}</ul>{_form(action, flow_id, _DECIDE)}",
    )


def need_approval(app: App, flow_id: str, action: str, user: User) -> Response:
    """The organisation leaves this consent to its administrators; all that can be done is to go back."""
    button = (
        '<div class="actions"><button name="decision" value="cancel">Return without granting consent</button></div>'
    )
    return _page(
        "Need admin approval",
        f"<h1>Need admin approval</h1><p>{escape(app.display_name)} needs permission to access resources in the "
        f"organisation of {escape(user.address)} that only an administrator can grant.</p>"
        f"<p><code>AADSTS90094</code>: The grant requires admin permission.</p>{_form(action, flow_id, button)}",
    )


def admin_consent(
    app: App, flow_id: str, action: str, user: User, scopes: Sequence[str], roles: Sequence[str]
) -> Response:
    """Allow or refuse for the whole organisation what the application asks for."""
    items = _permissions(scopes, WORDS) + _permissions(roles, APP_ROLES)
    return _page(
        "Permissions requested for your organisation",
        f"<h1>Permissions requested</h1><p>Review for your organisation. {escape(app.display_name)} asks "
        f"{escape(user.address)} to allow it for everybody to:</p><ul>{items}</ul>{_form(action, flow_id, _DECIDE)}",
    )


def _permissions(names: Sequence[str], words: Mapping[str, str]) -> str:
    return "".join(f"<li><code>{escape(name)}</code>{escape(words.get(name, name))}</li>" for name in names)


def error(text: str, number: int, status: int = 400) -> Response:
    """What went wrong, for a person; nothing is redirected."""
    return _page(
        "Sign-in failed",
        f"<h1>Sorry, but we cannot sign you in</h1><p><code>AADSTS{number}</code>: {escape(text)}</p>",
        status,
    )


def form_post(redirect_uri: str, fields: Mapping[str, str]) -> Response:
    """response_mode=form_post: a page that posts the answer by itself; where scripts are off, its button does."""
    inputs = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())
    button = '<button class="primary">Continue</button>'
    form = f'<form method="post" action="{escape(redirect_uri)}">{inputs}{button}</form>'
    return _page("Continue", f"<h1>Nearly done</h1>{form}<script>{_SUBMIT}</script>", script=_SUBMIT)


def _form(action: str, flow_id: str, content: str) -> str:
    hidden = f'<input type="hidden" name="flow" value="{escape(flow_id)}">'
    return f'<form method="post" action="{escape(action)}">{hidden}{content}</form>'


@cache
def _style() -> str:
    return resources.files("flovify.sandbox.entra").joinpath("style.css").read_text(encoding="utf-8")


def _page(title: str, body: str, status: int = 200, *, script: str = "") -> Response:
    note = "Flovify sandbox: this page stands in for Microsoft. No real account is involved."
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_style()}</style></head>'
        f'<body><main><div class="note" role="note">{note}</div><section>{body}</section></main></body></html>'
    )
    # Browsers apply form-action to the redirect after the post too, and that may go to any registered address.
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action *"
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy += f"; script-src 'sha256-{digest}'"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status_code=status, headers=headers)
