"""What the console may ask of auth and api: a fixed list. Whatever is not here does not exist (404)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flovify.bff.proxy.api_ways import API_WAYS
from flovify.bff.proxy.auth_ways import AUTH_WAYS
from flovify.bff.proxy.way import Way, fill

__all__ = ["TABLE", "Way", "fill", "paths"]

TABLE = (*AUTH_WAYS, *API_WAYS)


def paths(
    ways: Iterable[Way] = TABLE, pattern: Callable[[Way], str] = lambda way: way.outside
) -> dict[str, dict[str, Way]]:
    """The ways by their pattern at the front door, then by method. Fixed names stand before patterns of them."""
    found: dict[str, dict[str, Way]] = {}
    for way in sorted(ways, key=lambda way: "{" in way.path):
        found.setdefault(pattern(way), {})[way.method] = way
    return found
