"""Which tests of a run on several workers stay together: those of one file, and of one folder that shares a process."""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling

# Their conftest.py starts processes for the whole session: on each worker that is given one of these tests.
_SHARING = (
    "tests/e2e",
    "tests/contract",
    "tests/integration/api_console",
    "tests/integration/api_graph",
    "tests/integration/bff",
    "tests/integration/sandbox_entra",
    "tests/integration/sandbox_graph",
)


class ByWhatIsShared(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Files are shared out over the workers; a folder whose tests share what is slow to start is one piece."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folder for folder in _SHARING if PurePosixPath(file).is_relative_to(folder)), file)
