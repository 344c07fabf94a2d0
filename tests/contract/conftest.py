"""One sandbox process for all plain HTTP contract tests, and programs signed in at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.graph_session import GraphSession
from tests.contract.sandbox_process import SALES, Sandbox, run_sandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Allows http receivers. Its tests use registrations of their own and leave the seed's mailboxes be."""
    with run_sandbox(tmp_path_factory.mktemp("sandbox"), allow_http=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def graph(shared_sandbox: Sandbox) -> GraphSession:
    """Signed in as the owner of the first seeded mailbox."""
    return GraphSession(shared_sandbox, SALES)
