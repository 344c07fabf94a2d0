"""The doctor's running, its report, and what may leave the house in a bundle."""

from __future__ import annotations

import asyncio
import io
import uuid

import pytest
from rich.console import Console

from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Outcome, Results, Say, Subject, Unit
from flovify.cli.doctor.redact import Redaction
from flovify.cli.doctor.report import as_dict, exit_status, show, summary
from flovify.cli.doctor.running import Running

SAY = Say(Subject.DATABASE, "api")


async def test_a_check_that_breaks_or_hangs_is_a_line_and_costs_nothing_else() -> None:
    async def breaks(_say: Say) -> Results:
        raise KeyError("a secret text")

    async def hangs(_say: Say) -> Results:
        await asyncio.Event().wait()
        raise AssertionError

    async def not_here(_say: Say) -> Results:
        raise NotLookedAt("not here", "look there")

    async def more(say: Say) -> Results:
        return [say.ok("first", "well"), Unit(say, "second", breaks)]

    heard: list[tuple[int, int]] = []
    units = [Unit(SAY, "a", breaks), Unit(SAY, "b", hangs, 0.01), Unit(SAY, "c", not_here), Unit(SAY, "d", more)]
    checks = await Running(lambda done, total, _still: heard.append((done, total))).run(units)
    assert [(check.name, check.outcome.value) for check in checks] == [
        ("a", "failed"), ("b", "failed"), ("c", "skipped"), ("first", "ok"), ("second", "failed"),
    ]  # fmt: skip
    assert "KeyError" in checks[0].found
    assert "secret text" not in checks[0].found
    assert "0.01 seconds" in checks[1].found
    assert heard[-1] == (5, 5)


@pytest.mark.parametrize(("outcomes", "status"), [([], 0), (["ok", "warning", "skipped"], 0), (["ok", "failed"], 1)])
def test_only_a_failure_is_an_exit_status(outcomes: list[str], status: int) -> None:
    checks = [Check(Subject.GRAPH, "x", "", Outcome(one), "found") for one in outcomes]
    assert exit_status(checks) == status
    assert as_dict(checks)["ok"] is (status == 0)


def test_the_report_wraps_beside_its_marks() -> None:
    checks = [
        SAY.ok("a", "answers"),
        SAY.failed("b", "does not " * 20, "Start it: flovify up."),
        SAY.skipped("c", "why"),
    ]
    console = Console(width=60, record=True, file=io.StringIO())
    show(checks, console)
    lines = console.export_text().splitlines()
    assert lines[:2] == ["database", "      ok  api: answers"]
    assert all(len(line) <= 60 and line == line.rstrip() for line in lines)
    assert "          > Start it: flovify up." in lines
    assert lines[-1] == summary(checks) == "1 well, 1 failed, 1 not looked at"


def test_redaction_keeps_equal_apart_from_different_and_nothing_else() -> None:
    redaction = Redaction(b"key", ["hunter2-hunter2"])
    text = redaction.text("Ada@Example.com, ada@example.com and bob@example.com by hunter2-hunter2 at 12:00")
    first, second, third = text.split()[0].rstrip(","), text.split()[1], text.split()[3]
    assert first == second != third
    assert text.endswith("by (secret) at 12:00")
    assert redaction.text("users/ada%40example.com/messages") == f"users/{first}/messages"
    account = str(uuid.uuid4())
    assert redaction.text(account.upper()) == redaction.text(account) != account
    assert Redaction(b"other").text(account) != redaction.text(account)
    assert redaction.text("postgresql://u:p%40w@db:5432/x") == "postgresql://(login)@db:5432/x"
    assert redaction.value({"ada@example.com": ["bob@example.com", 3, None]}) == {first: [third, 3, None]}


def test_redaction_knows_the_secrets_of_all_services_that_are_here() -> None:
    environment = {
        "DATABASE_URL": "postgresql://u:pass%2Fword9@h/x",
        "MS365_CLIENT_STATE": "first-key-8Kq,second-key-8Kq",
    }
    redaction = Redaction.of(Found(environments={"api": environment}))
    shown = redaction.text("pass%2Fword9 pass/word9 first-key-8Kq second-key-8Kq")
    assert shown == "(secret) (secret) (secret) (secret)"
