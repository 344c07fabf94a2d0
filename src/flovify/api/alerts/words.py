"""What alerts say: subject, text and JSON, in plain words. Counts and names of rules only, nothing of any mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flovify.api.alerts.models import Due, State
from flovify.api.alerts.rules import BY_NAME

PAGE = "https://github.com/flovify/flovify/blob/main/docs/operations.md"
_BEFORE: dict[State, str] = {"begun": "", "still": "still: ", "ended": "over: "}


@dataclass(frozen=True)
class Note:
    """One message to a receiver, in the forms that the ways take."""

    subject: str
    text: str
    alerts: tuple[dict[str, object], ...]


def compose(told: Sequence[Due]) -> Note:
    """One note of all of them; there must be one at least."""
    subject = _headline(told[0]) if len(told) == 1 else ", ".join(_counted(told))
    return Note(f"Flovify: {subject}", "\n\n".join(map(_paragraph, told)) + "\n", tuple(map(_as_json, told)))


def trial(at: datetime) -> Note:
    """What `flovify alerts test` sends."""
    text = f"Somebody tries the way of Flovify's alerts ({_shown(at)}). Nothing is wrong.\n{PAGE}\n"
    return Note("Flovify: a test of the alerts", text, ())


def _headline(one: Due) -> str:
    return f"{_BEFORE[one.state]}{one.summary}"


def _counted(told: Sequence[Due]) -> list[str]:
    words: dict[State, str] = {"begun": "new", "still": "still so", "ended": "over"}
    counts = {word: sum(one.state == state for one in told) for state, word in words.items()}
    return [f"{count} {word}" for word, count in counts.items() if count]


def _paragraph(one: Due) -> str:
    rule = BY_NAME.get(one.name)
    times = f"Since {_shown(one.since)}" + (f", over since {_shown(one.ended_at)}." if one.ended_at else ".")
    lines = (_headline(one), rule.means if rule and one.state != "ended" else "", times, _link(one.name))
    return "\n".join(line for line in lines if line)


def _as_json(one: Due) -> dict[str, object]:
    rule = BY_NAME.get(one.name)
    return {
        "name": one.name,
        "state": one.state,
        "severity": rule.severity if rule else "warning",
        "summary": one.summary,
        "description": rule.means if rule else "",
        "since": one.since.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "runbook_url": _link(one.name),
    }


def _link(name: str) -> str:
    return f"{PAGE}#{name.lower()}"


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
