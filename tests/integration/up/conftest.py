from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flovify.cli.up.postgres import EmbeddedPostgres
from tests.support.postgres import open_folder


@pytest.fixture(scope="session")
def made_data_dir() -> Iterator[Path]:
    """A data directory with a made cluster, never used: making one is slow, copying one is not."""
    outer = open_folder()
    EmbeddedPostgres(outer / "data").start().stop()
    yield outer / "data"
    shutil.rmtree(outer)


@pytest.fixture(scope="module")
def data_dir(made_data_dir: Path) -> Iterator[Path]:
    """One data directory with a made cluster for a file's tests. Whoever damages it repairs it."""
    outer = open_folder()
    subprocess.run(["cp", "--archive", made_data_dir, outer], check=True)
    yield outer / "data"
    shutil.rmtree(outer)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A running server; whatever runs in its directory at the end is ended."""
    server = EmbeddedPostgres(data_dir).start()
    yield server
    server.stop()


@pytest.fixture
def new_data_dir() -> Iterator[Path]:
    """Where a data directory of its own can be made."""
    outer = open_folder()
    yield outer / "data"
    shutil.rmtree(outer)


def open_directory() -> Path:
    """A temporary directory on a disk, for programs too, that every account may pass to (pytest's own are closed)."""
    outer = Path(tempfile.mkdtemp(prefix="flovify-up-"))
    outer.chmod(0o711)
    return outer
