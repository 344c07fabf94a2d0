from __future__ import annotations

import pytest

from flovify.bff.security_headers import security_headers
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.settings import BffSettings
from flovify.common.settings import SettingError, load


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "console.example.com"),
        ("PUBLIC_URL", "ftp://console.example.com"),
        ("PUBLIC_URL", "https://console.example.com/path"),
        ("FLOVIFY_AUTH_URL", "http://auth?x=1"),
        ("FLOVIFY_API_URL", "http://"),
        ("FLOVIFY_PORT", "0"),
        ("FLOVIFY_PORT", "eighty"),
        ("FLOVIFY_TRUSTED_PROXIES", "the proxy"),
        ("FLOVIFY_TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        load(BffSettings, {name: value})


def test_production_needs_https_and_answers_no_loopback_name() -> None:
    with pytest.raises(SettingError, match="PUBLIC_URL"):
        load(BffSettings, {"FLOVIFY_ENV": "production"})
    settings = load(BffSettings, {"FLOVIFY_ENV": "production", "PUBLIC_URL": "https://Console.example.com"})
    assert settings.allowed_hosts == {"console.example.com"}


def test_https_gives_prefixed_cookies_and_hsts() -> None:
    settings = load(BffSettings, {"PUBLIC_URL": "https://console.example.com"})
    cookie = SessionCookie(settings)
    assert (cookie.name, cookie.tx_name) == ("__Host-Http-flovify-sid", "__Secure-flovify_oauth_tx")
    assert (b"strict-transport-security", b"max-age=31536000") in security_headers(https=settings.https)
    assert dict(security_headers(https=False)).keys() == dict(security_headers(https=True)).keys() - {
        b"strict-transport-security"
    }


def test_plain_http_names_the_cookie_by_the_port_browsers_see() -> None:
    assert SessionCookie(load(BffSettings, {})).name == "flovify_sid_8000"
    assert SessionCookie(load(BffSettings, {"PUBLIC_URL": "http://localhost"})).name == "flovify_sid_80"


def test_the_console_is_told_when_something_else_plays_microsoft() -> None:
    assert not load(BffSettings, {}).sandbox
    assert not load(BffSettings, {"MICROSOFT_GRAPH_URL": "https://graph.microsoft.us"}).sandbox
    assert load(BffSettings, {"MICROSOFT_GRAPH_URL": "http://localhost:8365"}).sandbox
