"""What a process loads before it can work: nothing that its work does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

# One process for all, from what loads least to what loads most; after each step what is loaded by then.
STEPS = {
    "settings": ("flovify.cli.main", *(f"flovify.{one}.settings" for one in ("auth", "api", "bff", "sandbox"))),
    "up": ("flovify.cli.up.run", "flovify.auth.users.setup"),
    "bff": ("flovify.bff.main",),
    "worker": ("flovify.api.worker.main",),
    "sandbox": ("flovify.sandbox.main",),
    "auth": ("flovify.auth.main", "flovify.auth.app"),
    "api": ("flovify.api.main", "flovify.api.app"),
}
PROGRAM = """
import importlib, sys
for line in sys.stdin:
    step, *names = line.split()
    for name in names:
        importlib.import_module(name)
    print(step, *sorted(sys.modules))
"""
COMMAND_LINE = {"typer", "rich", "pygments", "flovify.cli.app", "pydantic_settings"}
FRAMEWORKS = {"starlette", "fastapi", "uvicorn"}
UNWANTED = {
    "settings": COMMAND_LINE | FRAMEWORKS | {"aiohttp", "cryptography", "asyncpg", "dotenv", "sqlite3"},
    "up": COMMAND_LINE | FRAMEWORKS | {"aiohttp", "cryptography", "jwt", "argon2", "sqlite3"},
    "bff": COMMAND_LINE | {"fastapi", "sqlite3", "flovify.auth.app", "flovify.api.deps", "flovify.sandbox.app"},
    "worker": COMMAND_LINE | {"fastapi", "sqlite3", "flovify.auth.deps", "flovify.api.deps", "flovify.sandbox.app"},
    "sandbox": COMMAND_LINE | {"fastapi", "flovify.auth.deps", "flovify.api.app"},
    "auth": COMMAND_LINE | {"flovify.api.app"},
    "api": COMMAND_LINE | {"redis", "aio_pika"},
}


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    given = "\n".join(f"{step} {' '.join(names)}" for step, names in STEPS.items())
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=given, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {step: set(names) for step, *names in lines}


@pytest.mark.parametrize("step", STEPS)
def test_a_process_loads_nothing_that_its_work_does_not_need(loaded: dict[str, set[str]], step: str) -> None:
    assert set(STEPS[step]) <= loaded[step]
    assert loaded[step] & UNWANTED[step] == set()
