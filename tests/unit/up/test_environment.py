from __future__ import annotations

from pathlib import Path

import pytest

from flovify.cli.up.environment import DEFAULT_PORTS, env_file_warning, ports, read_settings
from flovify.cli.up.errors import ConfigurationError


def test_env_file_adds_what_the_environment_does_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# comment\nFLOVIFY_PORT=9000\nexport PUBLIC_URL='https://mail.example.com'\nSERVICE_SECRET=\"a$b#c\"\nEMPTY=\n"
    )
    found = read_settings({"FLOVIFY_PORT": "7000", "PUBLIC_URL": ""}, tmp_path)
    assert found == {"FLOVIFY_PORT": "7000", "PUBLIC_URL": "https://mail.example.com", "SERVICE_SECRET": "a$b#c"}


def test_without_env_file_the_environment_is_all(tmp_path: Path) -> None:
    assert read_settings({"A": "1", "B": ""}, tmp_path) == {"A": "1"}


def test_an_unreadable_env_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        read_settings({}, tmp_path)


def test_a_warning_names_the_secrets_in_an_open_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("MICROSOFT_CLIENT_SECRET=x\nFLOVIFY_PORT=1\n")
    file.chmod(0o644)
    warning = env_file_warning(tmp_path)
    assert warning is not None
    assert "MICROSOFT_CLIENT_SECRET" in warning
    assert "FLOVIFY_PORT" not in warning
    file.chmod(0o600)
    assert env_file_warning(tmp_path) is None
    assert env_file_warning(tmp_path / "nowhere") is None


def test_default_ports() -> None:
    assert ports({}) == dict(DEFAULT_PORTS)


def test_flovify_port_moves_the_others_by_the_same_distance() -> None:
    moved = ports({"FLOVIFY_PORT": "9000"})
    assert moved["FLOVIFY_AUTH_PORT"] == 9001
    assert moved["FLOVIFY_AUTH_INTERNAL_PORT"] == 9011
    assert moved["FLOVIFY_SANDBOX_PORT"] == 9365
    assert not set(moved.values()) & set(ports({}).values())


def test_a_port_set_by_name_stays_where_it_was_set() -> None:
    assert ports({"FLOVIFY_PORT": "9000", "FLOVIFY_AUTH_PORT": "8001"})["FLOVIFY_AUTH_PORT"] == 8001


@pytest.mark.parametrize("bad", ["0", "65536", "-1", "80 ", "abc", "8e3", "٨٠٨٠"])
def test_what_is_no_port_is_named(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="FLOVIFY_API_PORT must be a port"):
        ports({"FLOVIFY_API_PORT": bad})


def test_two_variables_with_one_port_are_named() -> None:
    with pytest.raises(ConfigurationError, match="FLOVIFY_API_PORT and FLOVIFY_AUTH_PORT are both 8001"):
        ports({"FLOVIFY_API_PORT": "8001"})


def test_a_shift_past_the_last_port_says_so() -> None:
    with pytest.raises(ConfigurationError, match="FLOVIFY_AUTH_INTERNAL_PORT would be 65546 because it keeps"):
        ports({"FLOVIFY_PORT": "65535", "FLOVIFY_AUTH_PORT": "1"})
