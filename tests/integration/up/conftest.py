from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flovify.cli.up.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One data directory with a made cluster for a file's tests: making one is slow. Whoever damages it repairs it."""
    outer = open_directory()
    EmbeddedPostgres(outer / "data").start().stop()
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
    outer = open_directory()
    yield outer / "data"
    shutil.rmtree(outer)


def open_directory() -> Path:
    """A temporary directory every account may pass to (pytest's own temporary folders are closed)."""
    outer = Path(tempfile.mkdtemp(prefix="flovify-up-"))
    outer.chmod(0o711)
    return outer
