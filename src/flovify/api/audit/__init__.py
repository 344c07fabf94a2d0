"""Who did what in the api; rows can only be added."""

from __future__ import annotations
