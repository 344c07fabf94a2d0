"""The state of this installation: versions, settings, workers, the queue and what can be reached."""

from __future__ import annotations
