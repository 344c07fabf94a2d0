"""Figures as ratios of limits measured in the same run, beside what is aimed at."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Ratio:
    """`figure * factor / limit` (without a limit the figure alone) and its aim: at least that, or `at_most` that."""

    name: str
    figure: str
    limit: str | None
    factor: float
    aim: float
    at_most: bool = False

    def of(self, one: Mapping[str, float]) -> float:
        return one[self.figure] * self.factor / (one[self.limit] if self.limit else 1.0)

    def is_reached(self, value: float) -> bool:
        return value <= self.aim if self.at_most else value >= self.aim


def print_report(
    title: str, rounds: Sequence[Mapping[str, float]], ratios: Sequence[Ratio], into: Path | None = None
) -> None:
    """Medians with their range over the rounds, then each ratio as the median of the rounds' ratios.

    `into` is a JSON file that the same is added to, one entry a title.
    """
    console = Console(highlight=False)
    rates = Table("figure", "median", "lowest", "highest", title=title)
    for name in rounds[0]:
        values = sorted(one[name] for one in rounds)
        rates.add_row(name, *(_shown(value) for value in (statistics.median(values), values[0], values[-1])))
    console.print(rates)
    if ratios:
        console.print(_compared(rounds, ratios))
    if into is not None:
        keep(into, title, rounds, ratios)


def _compared(rounds: Sequence[Mapping[str, float]], ratios: Sequence[Ratio]) -> Table:
    table = Table("ratio", "median", "range", "aim", title="ratios of limits measured in the same run")
    for ratio in ratios:
        values = sorted(map(ratio.of, rounds))
        middle = statistics.median(values)
        aim = f"{'<=' if ratio.at_most else '>='} {ratio.aim:g} {'reached' if ratio.is_reached(middle) else 'missed'}"
        table.add_row(ratio.name, f"{middle:.3g}", f"{values[0]:.3g} to {values[-1]:.3g}", aim)
    return table


def keep(into: Path, title: str, rounds: Sequence[Mapping[str, float]], ratios: Sequence[Ratio]) -> None:
    """Add the figures of each round, and the ratios, to the JSON file, in place of those it has under this title."""
    kept: dict[str, Any] = json.loads(into.read_text()) if into.exists() else {}
    kept[title] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
        "rounds": [{name: round(value, 4) for name, value in one.items()} for one in rounds],
        "ratios": [
            {
                "name": ratio.name,
                "median": round(statistics.median(map(ratio.of, rounds)), 4),
                "lowest": round(min(map(ratio.of, rounds)), 4),
                "highest": round(max(map(ratio.of, rounds)), 4),
                "aim": ratio.aim,
                "at_most": ratio.at_most,
            }
            for ratio in ratios
        ],
    }
    into.write_text(json.dumps(kept, indent=1) + "\n")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
