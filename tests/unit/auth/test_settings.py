from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from flovify.auth.settings import AuthSettings
from flovify.common.settings import SettingError, load

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "DATABASE_URL": "postgresql://flovify_auth:db-canary@localhost/flovify",
    "MICROSOFT_CLIENT_ID": "0f0e0d0c-0b0a-4908-8706-050403020100",
    "MICROSOFT_CLIENT_SECRET": "secret-canary-1",
    "OAUTH_ENCRYPTION_KEY": KEY,
    "SERVICE_SECRET": "service-canary-abcdef",
}


def _load(**changes: str) -> AuthSettings:
    return load(AuthSettings, {**GOOD, **changes})


@pytest.mark.parametrize("name", sorted(GOOD))
def test_each_required_setting_is_named_when_it_is_missing(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        load(AuthSettings, {other: value for other, value in GOOD.items() if other != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OAUTH_ENCRYPTION_KEY", "x" * 44),
        ("OAUTH_ENCRYPTION_KEY", base64.urlsafe_b64encode(b"\xff" * 31 + b"\xfe").decode()),
        ("OAUTH_ENCRYPTION_KEY", base64.b64encode(bytes(32)).decode()),
        ("OAUTH_ENCRYPTION_KEY", base64.b64encode(b"k" * 32).decode()),
        ("OAUTH_ENCRYPTION_KEY", base64.b64encode(bytes(range(16))).decode()),
        ("OAUTH_ENCRYPTION_OLD_KEYS", f"{KEY},nonsense"),
        ("SERVICE_SECRET", "short"),
        ("SERVICE_SECRET", "a" * 20),
        ("MICROSOFT_AUTHORITY", "login.microsoftonline.com"),
        ("MICROSOFT_AUTHORITY", "https://login.microsoftonline.com/common/../x"),
        ("MICROSOFT_AUTHORITY", "https://login.microsoftonline.com/evil.com%23"),
        ("MICROSOFT_AUTHORITY", "https://login.microsoftonline.com/a@b"),
        ("MICROSOFT_AUTHORITY", "https://user@login.microsoftonline.com"),
        ("MICROSOFT_AUTHORITY", "https://login.microsoftonline.com/" + "a" * 5000),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("MICROSOFT_CLOUD", "mars"),
        ("FLOVIFY_ADMIN_PASSWORD", "elevenchars"),
    ],
)
def test_a_malformed_setting_is_named_in_one_line_that_repeats_no_value(name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        _load(**{name: value})
    text = str(caught.value)
    assert name in text
    assert "\n" not in text
    assert value not in text


def test_an_encryption_key_s_message_says_how_to_make_one() -> None:
    with pytest.raises(SettingError, match="openssl rand -base64 32"):
        _load(OAUTH_ENCRYPTION_KEY="x")


@pytest.mark.parametrize(
    ("given", "authority"),
    [
        ("", "https://login.microsoftonline.com/common"),
        ("http://localhost:8365", "http://localhost:8365/common"),
        ("https://login.microsoftonline.us/organizations", "https://login.microsoftonline.us/organizations"),
    ],
)
def test_the_authority_has_a_tenant_segment(given: str, authority: str) -> None:
    assert _load(MICROSOFT_AUTHORITY=given).authority == authority


@pytest.mark.parametrize(
    "changes",
    [
        {"MICROSOFT_AUTHORITY": "http://localhost:8365"},
        {"MICROSOFT_AUTHORITY": "https://login.microsoftonline.com.evil.example"},
        {"MICROSOFT_AUTHORITY": "http://login.microsoftonline.com"},
        {"PUBLIC_URL": "http://console.example.com"},
    ],
)
def test_production_takes_no_stand_in_and_no_plain_http(changes: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        _load(FLOVIFY_ENV="production", **{"PUBLIC_URL": "https://console.example.com", **changes})
    _load(FLOVIFY_ENV="production", PUBLIC_URL="https://console.example.com")


def test_the_summary_for_the_log_shows_no_secret() -> None:
    shown = json.dumps(_load(FLOVIFY_ADMIN_PASSWORD="admin-canary-pw").summary(), default=str)
    assert "canary" not in shown
    assert KEY not in shown
    assert '"oauth_encryption_key": "configured"' in shown


def test_a_secret_or_a_certificate_is_required_and_one_of_them_is_enough() -> None:
    without = {name: value for name, value in GOOD.items() if name != "MICROSOFT_CLIENT_SECRET"}
    with pytest.raises(SettingError, match="MICROSOFT_CLIENT_SECRET or MICROSOFT_CLIENT_CERTIFICATE is required"):
        load(AuthSettings, without)
    assert load(AuthSettings, {**without, "MICROSOFT_CLIENT_CERTIFICATE": "/run/app.pem"}).cloud == "global"
    with pytest.raises(SettingError, match="not both"):
        _load(MICROSOFT_CLIENT_CERTIFICATE="/run/app.pem")


@pytest.mark.parametrize(
    ("cloud", "authority", "found"),
    [
        ("", "", ("global", "https://login.microsoftonline.com/common")),
        ("china", "", ("china", "https://login.partner.microsoftonline.cn/common")),
        ("", "https://login.microsoftonline.us", ("usgov", "https://login.microsoftonline.us/common")),
        ("dod", "https://login.microsoftonline.us", ("dod", "https://login.microsoftonline.us/common")),
        ("usgov", "http://localhost:8365", ("usgov", "http://localhost:8365/cloud/usgov/common")),
    ],
)
def test_cloud_and_authority_agree(cloud: str, authority: str, found: tuple[str, str]) -> None:
    settings = _load(MICROSOFT_CLOUD=cloud, MICROSOFT_AUTHORITY=authority)
    assert (settings.cloud, settings.authority) == found


def test_clouds_are_not_mixed() -> None:
    with pytest.raises(SettingError, match="MICROSOFT_CLOUD and MICROSOFT_AUTHORITY"):
        _load(MICROSOFT_CLOUD="usgov", MICROSOFT_AUTHORITY="https://login.microsoftonline.com")


def test_the_day_the_secret_ends_is_a_day() -> None:
    assert _load().client_secret_ends is None
    assert _load(MICROSOFT_CLIENT_SECRET_EXPIRES="2027-11-30").client_secret_ends == datetime(2027, 11, 30, tzinfo=UTC)
    for wrong in ("30.11.2027", "2027-13-01", "soon"):
        with pytest.raises(SettingError, match="MICROSOFT_CLIENT_SECRET_EXPIRES must be a day such as 2027-11-30"):
            _load(MICROSOFT_CLIENT_SECRET_EXPIRES=wrong)
