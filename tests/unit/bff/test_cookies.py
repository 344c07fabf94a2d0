from __future__ import annotations

from starlette.responses import Response

from flovify.bff.session.cookies import SessionCookie
from flovify.bff.settings import BffSettings
from flovify.common.settings import load


def _headers(response: Response) -> list[str]:
    return [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]


def test_the_flags_over_https() -> None:
    cookie, response = SessionCookie(load(BffSettings, {"PUBLIC_URL": "https://console.example.com"})), Response()
    cookie.put(response, "t" * 43)
    session, flow = _headers(response)
    assert session == f"__Host-Http-flovify-sid={'t' * 43}; HttpOnly; Path=/; SameSite=strict; Secure"
    assert flow.startswith('__Secure-flovify_oauth_tx=""; expires=')
    assert flow.endswith("; HttpOnly; Max-Age=0; Path=/auth/oauth; SameSite=lax; Secure")


def test_removing_repeats_the_flags_without_which_browsers_keep_a_prefixed_cookie() -> None:
    cookie, response = SessionCookie(load(BffSettings, {"PUBLIC_URL": "https://console.example.com"})), Response()
    cookie.remove(response)
    assert _headers(response)[0].endswith("; HttpOnly; Max-Age=0; Path=/; SameSite=strict; Secure")
