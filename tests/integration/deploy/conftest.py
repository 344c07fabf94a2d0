from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import Cluster, running_cluster


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A server whose roles may get other passwords."""
    with running_cluster() as running:
        yield running
