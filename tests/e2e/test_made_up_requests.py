"""Requests that schemathesis makes up from the OpenAPI documents: whatever is sent, no answer is a 5xx.

Each document is tried at its own service, and at the front door with a browser's session. Accounts, subscriptions and
messages are there, so that more is reached than what looks an id up.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.processes import base_environment
from tests.support.stack import ADMIN_EMAIL, ADMIN_PASSWORD, SALES, SUPPORT, Stack, running_stack

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.nightly, pytest.mark.timeout(1800)]

EXAMPLES = 40
# Wrong passwords keep their sender waiting, and so the run itself out: these come last, and without a session.
PASSWORDS = r"^/auth/(login|refresh|logout|setup|me/password|invitations/accept)$"
# A stream has no end to wait for; what a browser is led to has answers of its own (test_ways_back).
SIGNED_IN = rf"^(?!/api/stream$)(?!/auth/oauth/)(?!{PASSWORDS[1:]})"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Its own, as everything in it may be gone afterwards."""
    async with (
        cluster.fresh(migrated=True) as database,
        running_stack(database, tmp_path_factory.mktemp("made_up")) as stack,
    ):
        for address in (SALES, SUPPORT):
            tenant_id = await stack.connect(address)
            await stack.subscribe(tenant_id)
            await stack.send_mail(address, raw=simple_mail(1, address))
            await stack.wait_stored(tenant_id, 1)
        yield stack


CASES = [
    *((document, door, SIGNED_IN) for door in ("service", "bff") for document in ("auth", "api")),
    ("auth", "service", PASSWORDS),
]


@pytest.mark.parametrize(("document", "door", "paths"), CASES)
async def test_no_made_up_request_is_answered_with_a_5xx(
    stack: Stack, tmp_path: Path, document: str, door: str, paths: str
) -> None:
    origin = stack.bff if door == "bff" else {"auth": stack.auth, "api": stack.api}[document]
    schema = tmp_path / f"{document}.json"
    schema.write_text(json.dumps(await _document(document)))
    login = f"{stack.bff}/bff/session" if door == "bff" else f"{stack.auth}/auth/login"
    status, output = await _schemathesis(schema, origin, paths, login if paths == SIGNED_IN else None)
    sys.stdout.write(output[output.find("= SUMMARY =") :])
    assert status == 0, output
    assert "Tested: 0" not in output


async def _document(service: str) -> Any:
    command = (sys.executable, "-m", "flovify", "openapi", service)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=base_environment())
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(printed)


async def _schemathesis(schema: Path, origin: str, paths: str, login: str | None) -> tuple[int, str]:
    environment = base_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
    if login:
        environment |= {
            "SCHEMATHESIS_HOOKS": "tests.support.made_up",
            "MADE_UP_LOGIN": login,
            "MADE_UP_EMAIL": ADMIN_EMAIL,
            "MADE_UP_PASSWORD": ADMIN_PASSWORD,
        }
    options = (
        f"--url={origin}",
        "--checks=not_a_server_error",
        "--phases=examples,coverage,fuzzing,stateful",
        f"--max-examples={EXAMPLES}",
        f"--include-path-regex={paths}",
        "--request-timeout=30",
        "--generation-database=none",
        "--continue-on-failure",
        "--warnings=off",
        "--no-color",
    )
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(schema),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        cwd=schema.parent,  # it leaves a folder of its own behind
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode(errors="replace")
