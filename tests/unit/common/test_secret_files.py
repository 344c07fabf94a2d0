from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from flovify.cli.up.environment import read_settings
from flovify.cli.up.errors import ConfigurationError
from flovify.common.setting_sources import shown_settings
from flovify.common.settings import ServiceSettings, SettingError, load


class Example(ServiceSettings):
    example_secret: SecretStr = Field(description="make one")
    example_name: str = "x"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "secret"
    made.write_text("CANARY-in-a-file\n")
    return made


def test_a_secret_is_read_from_its_file_without_the_last_line_end(file: Path) -> None:
    found = load(Example, {"EXAMPLE_SECRET_FILE": str(file)})
    assert found.example_secret.get_secret_value() == "CANARY-in-a-file"
    assert found.summary()["example_secret"] == "configured"
    shown = {one.name: one for one in shown_settings(found, {"EXAMPLE_SECRET_FILE": str(file)})}["EXAMPLE_SECRET"]
    assert (shown.value, shown.is_set, shown.source) == (None, True, "file")


def test_what_is_no_secret_is_not_read_from_a_file(file: Path) -> None:
    found = load(Example, {"EXAMPLE_SECRET": "y", "EXAMPLE_NAME_FILE": str(file)})
    assert found.example_name == "x"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"a\x00b", b"x" * 70_000])
def test_a_file_that_holds_no_secret_is_refused_by_name_and_not_repeated(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        load(Example, {"EXAMPLE_SECRET_FILE": str(file)})
    assert str(caught.value).startswith(f"EXAMPLE_SECRET_FILE: {file} is ")
    assert len(str(caught.value)) < 300


def test_a_file_that_is_not_there_and_a_secret_given_twice_are_refused(file: Path) -> None:
    with pytest.raises(SettingError, match=r"EXAMPLE_SECRET_FILE: .* cannot be read \(No such file"):
        load(Example, {"EXAMPLE_SECRET_FILE": str(file) + "x"})
    with pytest.raises(SettingError, match="give EXAMPLE_SECRET or EXAMPLE_SECRET_FILE, not both"):
        load(Example, {"EXAMPLE_SECRET_FILE": str(file), "EXAMPLE_SECRET": "y"})


def test_flovify_up_takes_secrets_by_file_from_the_environment_and_from_env(file: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"MICROSOFT_CLIENT_SECRET_FILE={file}\n")
    found = read_settings({"SERVICE_SECRET_FILE": str(file), "AUTH_DATABASE_URL_FILE": str(file)}, tmp_path)
    for name in ("MICROSOFT_CLIENT_SECRET", "SERVICE_SECRET", "AUTH_DATABASE_URL"):
        assert found[name] == "CANARY-in-a-file"
    with pytest.raises(ConfigurationError, match="DATABASE_URL_FILE"):
        read_settings({"DATABASE_URL_FILE": str(file) + "x"}, tmp_path)
