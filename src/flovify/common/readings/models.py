"""What a reading is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# By the figure's name: its values by the values of its labels, () where it has none. What is not known is not there.
Values = dict[str, dict[tuple[str, ...], float]]


@dataclass(frozen=True)
class Figure:
    """A gauge whose value stands in the database. No label may hold an address or anything secret."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """All figures of one moment, `age_seconds` ago."""

    values: Values
    age_seconds: float

    def get(self, name: str, *labels: str) -> float | None:
        """One value, None where it is not known."""
        return self.values.get(name, {}).get(labels)


def to_json(values: Values) -> dict[str, list[list[object]]]:
    """As it is kept: pairs, because JSON has no keys of several parts."""
    return {name: [[list(labels), value] for labels, value in by.items()] for name, by in values.items()}


def from_json(kept: Mapping[str, list[tuple[list[str], float]]]) -> Values:
    return {name: {tuple(labels): float(value) for labels, value in pairs} for name, pairs in kept.items()}
