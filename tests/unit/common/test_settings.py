from __future__ import annotations

import base64
import secrets

import pytest
from pydantic import Field, SecretStr, field_validator

from flovify.common.settings import ServiceSettings, SettingError, decode_key, load


class Example(ServiceSettings):
    flovify_example_port: int = 8001
    example_key: SecretStr = Field(description="make one with: openssl rand -base64 32")

    @field_validator("example_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        decode_key(value.get_secret_value(), "EXAMPLE_KEY")
        return value


GOOD = base64.b64encode(secrets.token_bytes(32)).decode()


def test_a_good_environment_is_taken_and_an_empty_value_counts_as_unset() -> None:
    found = load(Example, {"EXAMPLE_KEY": GOOD, "FLOVIFY_EXAMPLE_PORT": ""})
    assert found.flovify_example_port == 8001


def test_nothing_but_what_is_given_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOVIFY_EXAMPLE_PORT", "")
    assert load(Example, {"EXAMPLE_KEY": GOOD, "FLOVIFY_EXAMPLE_PORT": ""}).flovify_example_port == 8001
    monkeypatch.setenv("FLOVIFY_EXAMPLE_PORT", "9000")
    assert load(Example, {"EXAMPLE_KEY": GOOD}).flovify_example_port == 8001


def test_a_missing_setting_is_named_with_the_way_to_make_it() -> None:
    with pytest.raises(SettingError) as caught:
        load(Example, {})
    assert str(caught.value) == "EXAMPLE_KEY is required; make one with: openssl rand -base64 32"


def test_every_setting_at_fault_is_named_in_one_line_without_its_value() -> None:
    with pytest.raises(SettingError) as caught:
        load(Example, {"EXAMPLE_KEY": "SECRETKEY", "FLOVIFY_EXAMPLE_PORT": "eighty"})
    text = str(caught.value)
    assert "EXAMPLE_KEY must be 32 random bytes" in text
    assert "FLOVIFY_EXAMPLE_PORT" in text
    assert "\n" not in text
    assert "SECRETKEY" not in text


def test_the_summary_shows_secrets_only_as_configured() -> None:
    summary = load(Example, {"EXAMPLE_KEY": GOOD}).summary()
    assert summary["example_key"] == "configured"
    assert GOOD not in str(summary)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 44,
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"a" * 32).decode(),
        base64.b64encode(bytes(range(31))).decode(),
        base64.b64encode(bytes(range(33))).decode(),
        "",
        "é" * 44,
    ],
)
def test_a_weak_or_malformed_key_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -base64 32"):
        decode_key(value, "OAUTH_ENCRYPTION_KEY")
