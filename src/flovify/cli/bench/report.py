"""Figures as ratios of limits measured in the same run, beside what is aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Ratio:
    """`figure / limit`, and the value aimed at."""

    name: str
    figure: str
    limit: str
    factor: float
    aim: float


def print_report(title: str, rounds: Sequence[Mapping[str, float]], ratios: Sequence[Ratio]) -> None:
    """Medians with their range over the rounds, then each ratio as the median of the rounds' ratios."""
    console = Console(highlight=False)
    rates = Table("figure", "median", "lowest", "highest", title=title)
    for name in rounds[0]:
        values = sorted(one[name] for one in rounds)
        rates.add_row(name, *(_shown(value) for value in (statistics.median(values), values[0], values[-1])))
    console.print(rates)
    table = Table("ratio", "median", "range", "aim", title="ratios of limits measured in the same run")
    for ratio in ratios:
        values = sorted(one[ratio.figure] * ratio.factor / one[ratio.limit] for one in rounds)
        middle = statistics.median(values)
        aim = f"{ratio.aim:.2f} {'reached' if middle >= ratio.aim else 'missed'}"
        table.add_row(ratio.name, f"{middle:.2f}", f"{values[0]:.2f} to {values[-1]:.2f}", aim)
    console.print(table)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
