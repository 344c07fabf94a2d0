"""What the console's page may load and run (CSP Level 3, Trusted Types)."""

from __future__ import annotations

import secrets

NONCE_BYTES = 16


def new_nonce() -> str:
    """Fresh for each answer: whoever has seen one page can run nothing in another."""
    return secrets.token_urlsafe(NONCE_BYTES)


def page_policy(nonce: str) -> str:
    """Only what the page itself names with its nonce runs, and what that loads; no text becomes script or markup.

    Styles need the nonce because the components write them into the page. Frames are mail bodies, which bring a policy
    of their own.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
