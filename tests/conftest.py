from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import processes
from tests.support.postgres import Cluster, Database, running_cluster
from tests.support.stack import Stack, running_stack

ROOT = Path(__file__).parent.parent
# How fast examples come says something about the machine, nothing about the code.
settings.register_profile("any_machine", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where several workers run (pytest-xdist), shared things are started by one of them."""
    from tests.support.schedule import ByWhatIsShared

    return ByWhatIsShared(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and their modules are no garbage: looked through again and again, they cost a sixth of all."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _outside_folder(variable: str, default: str) -> Path:
    folder = Path(os.environ.get(variable, ROOT / default))
    if not folder.is_dir():
        pytest.skip(f"{variable} names no folder ({folder})")
    return folder


@pytest.fixture(scope="session")
def mail_corpus() -> list[Path]:
    """Real messages from outside the project (MAIL_CORPUS); tests of them skip where it is absent."""
    files = sorted(_outside_folder("MAIL_CORPUS", "../shared/mail").glob("*.eml"))
    assert files
    return files


@pytest.fixture(scope="session")
def graph_reference() -> Path:
    """Microsoft Graph's contract subset and sample bodies (GRAPH_REFERENCE)."""
    return _outside_folder("GRAPH_REFERENCE", "../shared/graph")


@pytest.fixture(scope="session", autouse=True)
def process_logs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the tests' processes write is kept with pytest's other files, and removed with them."""
    processes.LOGS = tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.fresh(migrated=True) as fresh:
        yield fresh


@pytest.fixture
async def empty_database(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.fresh(migrated=False) as fresh:
        yield fresh


@pytest.fixture
async def stack(database: Database, tmp_path: Path) -> AsyncIterator[Stack]:
    """All services as real processes over a fresh database."""
    async with running_stack(database, tmp_path / "data") as running:
        yield running
