"""The few pages of a flow: the link's page and its end. Constant text, nothing from elsewhere, a strict policy each."""

from __future__ import annotations

import base64
import hashlib
import html

from starlette.responses import HTMLResponse, Response

from flovify.common.microsoft_errors import words

SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = (
    ":root{color-scheme:light dark;--page:#f4f5f9;--card:#fff;--line:#dcdfe8;--text:#1a2233;--button:#1f5fd0}"
    "@media(prefers-color-scheme:dark){:root{--page:#11151d;--card:#1d2230;--line:#343b4d;--text:#e8ebf2}}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--text)}"
    "main{max-width:28rem;margin:12vh auto;padding:1.5rem 2rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:10px}h1{font-size:1.4rem;margin:.5rem 0}"
    "button{font:inherit;font-weight:600;color:#fff;background:var(--button);border:0;border-radius:8px;"
    "padding:.7rem 1.2rem}button:disabled{opacity:.5}button:focus-visible{outline:3px solid #8ab4ff;outline-offset:2px}"
    "[role=alert]:empty{display:none}@media(max-width:32rem){main{margin:1rem}}"
)
# The token stands after # and is taken out of the address bar at once; it goes to our own host in a body, so that it is
# in no log and no Referer. The browser is sent on by script: a form's redirect would need every sign-in host in
# form-action.
_SCRIPT = """
const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
const button = document.querySelector("button"), said = document.querySelector("[role=alert]");
history.replaceState(null, "", location.pathname);
if (!token) { button.disabled = true; said.textContent = "Open the link from your message again, whole."; }
button.addEventListener("click", async () => {
  button.disabled = true; said.textContent = "";
  try {
    const answer = await fetch(location.pathname, {
      method: "POST", body: JSON.stringify({ token }),
      headers: { "Content-Type": "application/json", "Accept": "application/json", "X-Flovify": "1" },
    });
    const found = await answer.json();
    if (answer.ok) { location.assign(found.authorize_url); return; }
    said.textContent = found.detail;
  } catch { said.textContent = "Flovify cannot be reached. Try again in a minute."; }
  button.disabled = false;
});
"""
_RESULTS = {
    "connected": ("The mailbox is connected", "You may close this window."),
    "granted": ("Approved", "The app is approved for your organisation. You may close this window."),
    "pending": (
        "Not confirmed yet",
        "Microsoft does not confirm the approval yet. Whoever sent you the link can check again in a few minutes.",
    ),
    "link_unusable": (
        "This link cannot be used any more",
        "It was used, has expired or was withdrawn. Ask whoever sent it for a new one.",
    ),
}


def start_again(status: int = 400) -> Response:
    """For a callback that fits no flow of this browser."""
    return _page(
        "Start again",
        "Please start again",
        "This sign-in cannot be completed: it was used before, took more than ten minutes, or was begun in another "
        "browser. Nothing was changed. Go back to Flovify and connect the account again.",
        status,
    )


def signed_out() -> Response:
    """For a flow whose administrator has signed out, or is none any more."""
    return _page(
        "Sign in again",
        "Please sign in again",
        "The Flovify session that began this has ended, or its user is no administrator any more. Nothing was changed. "
        "Sign in to Flovify and connect the account again.",
        403,
    )


def done(code: str) -> Response:
    """How a flow begun by a link ended: for people without an account here. An unknown code gets general words."""
    if code in _RESULTS:
        return _page("Flovify", *_RESULTS[code])
    found = words(code) or words("authorization_failed")
    assert found is not None  # noqa: S101 - the table has it
    return _page("Flovify", "The account was not connected", f"{found.cause} {found.action} Nothing was changed.")


def link_page() -> Response:
    """Where a link leads: says what will happen, and goes on to Microsoft by a button."""
    text = (
        "<h1>Connect to Flovify</h1><p>You were sent this link to connect a Microsoft 365 mailbox, or to approve the "
        "app for your organisation. You sign in at Microsoft, which shows what is asked for. Flovify never sees your "
        "password.</p><p><button type=button>Continue to Microsoft</button></p><p role=alert></p>"
        f"<noscript><p>This page needs JavaScript.</p></noscript><script>{_SCRIPT}</script>"
    )
    policy = (
        f"default-src 'none'; script-src '{_hash(_SCRIPT)}'; style-src '{_hash(_STYLE)}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return _html("Connect to Flovify", text, policy, 200)


def _page(title: str, heading: str, text: str, status: int = 200) -> Response:
    body = f"<h1>{html.escape(heading)}</h1><p>{html.escape(text)}</p>"
    return _html(title, body, f"{_NOTHING}; style-src '{_hash(_STYLE)}'", status)


def _html(title: str, body: str, policy: str, status: int) -> Response:
    whole = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style><main>{body}</main></html>"
    )
    return HTMLResponse(whole, status, {**SAFE, "Content-Security-Policy": policy})


def _hash(inline: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}"
