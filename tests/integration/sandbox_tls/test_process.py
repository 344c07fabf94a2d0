from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.net import free_ports
from tests.support.processes import base_environment, flovify_command


@pytest.mark.parametrize("name", ["TLS", "PROXY", "SMTP"])
def test_a_taken_port_ends_the_sandbox_with_one_line_that_names_the_setting(tmp_path: Path, name: str) -> None:
    names = ["FLOVIFY_SANDBOX_PORT", *(f"FLOVIFY_SANDBOX_{edge}_PORT" for edge in ("TLS", "PROXY", "SMTP"))]
    env = {variable: str(port) for variable, port in zip(names, free_ports(4), strict=True)}
    variable = f"FLOVIFY_SANDBOX_{name}_PORT"
    with socket.create_server(("127.0.0.1", int(env[variable]))):
        done = subprocess.run(
            flovify_command("sandbox"),
            env={**base_environment(), **env, "FLOVIFY_DATA_DIR": str(tmp_path)},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 78, done.stderr
    said = [line for line in done.stderr.splitlines() if variable in line and "cannot listen" in line]
    assert len(said) == 1
    assert "Traceback" not in done.stderr
