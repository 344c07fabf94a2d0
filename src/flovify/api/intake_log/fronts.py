"""What the fronts of all engines share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from flovify.api.intake_log.errors import RowsRefused

# Less than the 2.5 s within which every request is answered.
WRITE_SECONDS = 2.2


@contextlib.contextmanager
def refused_rows() -> Iterator[None]:
    """A text that is none (a lone surrogate) is the row's fault, as PostgreSQL would say too."""
    try:
        yield
    except UnicodeError as error:
        raise RowsRefused(type(error).__name__) from None
