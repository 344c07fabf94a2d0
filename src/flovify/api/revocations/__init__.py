"""Access tokens that are not believed any more, though they have not expired."""

from __future__ import annotations
