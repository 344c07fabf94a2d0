"""The headers every answer carries (OWASP ASVS 5.0, 3.4)."""

from __future__ import annotations

from collections.abc import Sequence

Headers = list[tuple[bytes, bytes]]

# `sandbox` takes away script and origin from whatever a browser might be made to render of a service's answer.
ANSWER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
HSTS_SECONDS = 365 * 24 * 3600


def security_headers(*, https: bool) -> Headers:
    """What is added where an answer says nothing itself."""
    headers = [
        (b"content-security-policy", ANSWER_POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]
    if https:
        headers.append((b"strict-transport-security", b"max-age=%d" % HSTS_SECONDS))
    return headers


def complete(headers: Sequence[tuple[bytes, bytes]], added: Headers) -> Headers:
    """`headers` and those of `added` whose names they lack. Names are in lower case."""
    present = {name.lower() for name, _ in headers}
    return [*headers, *(header for header in added if header[0] not in present)]
