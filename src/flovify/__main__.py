"""`python -m flovify` is the same as the command `flovify`."""

from __future__ import annotations

from flovify.cli.main import run

if __name__ == "__main__":
    run()
