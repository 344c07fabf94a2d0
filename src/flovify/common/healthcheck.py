"""`python -m flovify.common.healthcheck URL`: whether a service answers, for a container's health check.

Only the standard library: it runs every few seconds, in an image that holds no other client. Exit status 0 for a 2xx.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

SECONDS = 4


def main(url: str) -> int:
    """0 when `url` answers well, otherwise 1 with one line that says what it answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS):
            return 0
    except urllib.error.HTTPError as error:
        print(f"{url} answers {error.code}: {error.read(500).decode(errors='replace')}")  # noqa: T201 - for the engine's log
    except OSError as error:
        print(f"{url} does not answer ({type(error).__name__})")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
