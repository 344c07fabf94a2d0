"""What the api asks of a mail provider, whichever it is."""

from __future__ import annotations
