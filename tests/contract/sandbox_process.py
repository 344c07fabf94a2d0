"""A real sandbox process, and client programs run against it in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.net import free_ports
from tests.support.processes import Process, spawn

ROOT = Path(__file__).parents[2]
SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"
REDIRECT_URI = "http://localhost:8400/callback"
PROGRAM_SECONDS = 300
READY_SECONDS = 120


@dataclass(frozen=True)
class Sandbox:
    """Where one sandbox answers, and what a program is to trust."""

    process: Process
    data_dir: Path
    http_port: int
    tls_port: int
    proxy_port: int
    smtp_port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http_port}"

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.proxy_port}"

    @property
    def ca(self) -> Path:
        return self.data_dir / "sandbox" / "ca.pem"

    @property
    def receiver_pem(self) -> Path:
        return self.data_dir / "sandbox" / "localhost.pem"

    def control(self, path: str, body: object = None) -> Any:
        """Call a control route: POST with a JSON body, GET without."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}", data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def register(self, name: str) -> dict[str, str]:
        """A registration of its own for a program: client_id and client_secret."""
        answer: dict[str, str] = self.control("apps", {"display_name": name, "redirect_uris": [REDIRECT_URI]})
        # What it asks for as itself an administrator has granted.
        self.control("organizations/contoso.example/consents", {"client_id": answer["client_id"], "scopes": []})
        return answer


@contextmanager
def run_sandbox(data_dir: Path, *, allow_http: bool) -> Iterator[Sandbox]:
    """Run `flovify sandbox` on free ports until the block ends."""
    http, tls, proxy, smtp = free_ports(4)
    env = {
        "FLOVIFY_DATA_DIR": str(data_dir),
        "FLOVIFY_SANDBOX_PORT": str(http),
        "FLOVIFY_SANDBOX_TLS_PORT": str(tls),
        "FLOVIFY_SANDBOX_PROXY_PORT": str(proxy),
        "FLOVIFY_SANDBOX_SMTP_PORT": str(smtp),
    }
    if allow_http:
        env["FLOVIFY_SANDBOX_ALLOW_HTTP"] = "true"
    with spawn(["sandbox"], env, f"http://localhost:{http}/_sandbox/mailboxes", READY_SECONDS) as process:
        yield Sandbox(process, data_dir, http, tls, proxy, smtp)


def run_program(
    sandbox: Sandbox,
    name: str,
    *,
    https_receiver: bool,
    app: dict[str, str] | None = None,
    more_env: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run one client program, set to nothing but the proxy and the CA; returns what it reports.

    `app` is its registration, a new one when None is given.
    """
    app = app or sandbox.register(name)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(sandbox.data_dir),
        "PYTHONPATH": str(ROOT),
        "HTTPS_PROXY": sandbox.proxy,
        "SSL_CERT_FILE": str(sandbox.ca),
        "REQUESTS_CA_BUNDLE": str(sandbox.ca),
        "PROGRAM_CLIENT_ID": app["client_id"],
        "PROGRAM_CLIENT_SECRET": app["client_secret"],
        "PROGRAM_REDIRECT_URI": REDIRECT_URI,
        "PROGRAM_ADDRESS": SALES,
        "PROGRAM_SMTP_PORT": str(sandbox.smtp_port),
        **(more_env or {}),
    }
    if https_receiver:
        env["PROGRAM_RECEIVER_PEM"] = str(sandbox.receiver_pem)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"tests.contract.clients.{name}_program"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PROGRAM_SECONDS,
        check=False,
    )
    if done.returncode:
        raise AssertionError(
            f"{name} failed after {time.monotonic() - began:.1f} s:\n{done.stderr[-6000:]}\n"
            f"the sandbox said:\n{sandbox.process.output()[-3000:]}"
        )
    reported: dict[str, Any] = json.loads(done.stdout)
    return reported
