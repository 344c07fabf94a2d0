from __future__ import annotations

from pathlib import Path

import pytest

from flovify.common.settings import SettingError, load
from flovify.sandbox.settings import SandboxSettings

APP = {
    "FLOVIFY_SANDBOX_CLIENT_ID": "id",
    "FLOVIFY_SANDBOX_CLIENT_SECRET": "secret",
    "FLOVIFY_SANDBOX_REDIRECT_URIS": " http://localhost/a ,, https://b.example ",
}


def test_defaults_are_the_documented_ports_and_folder() -> None:
    settings = load(SandboxSettings, {})
    assert settings.flovify_sandbox_port == 8365
    assert settings.flovify_sandbox_tls_port == 8366
    assert settings.flovify_sandbox_proxy_port == 8367
    assert settings.flovify_sandbox_smtp_port == 8325
    assert settings.flovify_sandbox_allow_http is False
    assert settings.journal_path() == Path(".flovify/sandbox/sandbox.sqlite3")
    assert settings.journal_path("usgov") == Path(".flovify/sandbox/sandbox-usgov.sqlite3")


def test_memory_means_no_file_and_redirect_uris_are_a_list() -> None:
    settings = load(SandboxSettings, {"FLOVIFY_SANDBOX_MEMORY": "1", **APP})
    assert settings.journal_path() is None
    assert settings.redirect_uris == ["http://localhost/a", "https://b.example"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"FLOVIFY_ENV": "production"}, "FLOVIFY_ENV=production"),
        ({"FLOVIFY_SANDBOX_CLIENT_ID": "id"}, "FLOVIFY_SANDBOX_CLIENT_SECRET"),
        ({**APP, "FLOVIFY_SANDBOX_REDIRECT_URIS": ","}, "FLOVIFY_SANDBOX_REDIRECT_URIS"),
        ({"FLOVIFY_SANDBOX_PORT": "x"}, "FLOVIFY_SANDBOX_PORT"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named) as refused:
        load(SandboxSettings, wrong)
    assert "\n" not in str(refused.value)
