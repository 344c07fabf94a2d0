"""File descriptors: each connection takes one, and the usual soft limit of 1024 is less than a listener lets in."""

from __future__ import annotations

import resource

from flovify.common.logs import get_logger

# Database connections, calls outward, files and pipes.
_OTHERS = 1024


def raise_descriptor_limit(connections: int) -> None:
    """Raise this process's soft limit to its hard one; a warning when that is too little for `connections`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = connections + _OTHERS
    if hard != resource.RLIM_INFINITY and hard < wanted:
        get_logger().warning("few_file_descriptors", limit=hard, wanted=wanted, see="ulimit -Hn")
