"""Nothing is set for a whole database session: the pool takes nothing back between two uses of a connection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flovify

SOURCES = Path(flovify.__file__).parent
# On connections of their own, closed afterwards.
APART = ("common/migrations.py", "cli/bench/")
# Locks, settings, cursors and tables that outlive their transaction (PostgreSQL documentation, DISCARD).
OUTLIVING = re.compile(
    r"(?i:pg_(try_)?advisory_lock|set_config\([^)]*,\s*false|\bSET\s+SESSION\b|\bWITH\s+HOLD\b"
    r"|\bCREATE\s+TEMP\w*\s+TABLE\s+\w+\s+(?!ON COMMIT DROP))"
    r"|[\"';]\s*SET\s+(?!LOCAL\b|CONSTRAINTS\b)[a-z_.]+\s*(=|TO\b)"
)


def test_no_statement_leaves_anything_to_the_next_user_of_its_connection() -> None:
    found = [
        f"{path.relative_to(SOURCES)}: {match[0]}"
        for path in [*SOURCES.rglob("*.py"), *SOURCES.rglob("queries*.sql"), *SOURCES.rglob("pruning.sql")]
        if not path.relative_to(SOURCES).as_posix().startswith(APART)
        for match in OUTLIVING.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_lock(1)",
        "select pg_try_advisory_lock(1)",
        "SELECT set_config('a.b', 'c', false)",
        "DECLARE a CURSOR WITH HOLD FOR SELECT 1",
        "CREATE TEMPORARY TABLE a ()",
        '"SET statement_timeout = 5"',
        "'SET LOCAL a = 1; SET jit = off'",
    ],
)
def test_such_statements_are_found(statement: str) -> None:
    assert OUTLIVING.search(statement)
