"""A picture of kept figures: how far each ratio is from what is aimed at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from flovify.common.errors import FlovifyError

_LINE, _TOP, _LEFT, _WIDTH, _MOST = 26, 44, 400, 420, 2.0
_LETTER = 7  # as wide as one is on average, and a little more
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}"
    ".reached{fill:#1a7f37}.missed{fill:#bc4c00}.range{stroke:#57606a;stroke-width:1.5}"
    ".aim{stroke:#1f2328;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.range{stroke:#9198a1}.aim{stroke:#e6edf3}}"
)


def draw(figures: Path, into: Path) -> None:
    """Write the SVG. Raises FlovifyError when the file holds no figures."""
    try:
        kept: dict[str, Any] = json.loads(figures.read_text())
        rows = list(_rows(kept))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FlovifyError(f"{figures} holds no figures of `flovify bench … --json` ({type(error).__name__})") from None
    into.write_text(_svg(rows))


def _rows(kept: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    for title, entry in kept.items():
        aimed = [ratio for ratio in entry["ratios"] if ratio["aim"]]
        if aimed:
            yield title, None
        for ratio in aimed:
            yield ratio["name"], ratio


def _svg(rows: list[tuple[str, Mapping[str, Any] | None]]) -> str:
    height = _TOP + _LINE * len(rows) + 12
    left = max([_LEFT, *(_LETTER * len(name) for name, ratio in rows if ratio)])
    aim = left + _WIDTH / _MOST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + _WIDTH + 200}" height="{height}" role="img">',
        f"<title>What was measured as a share of what is aimed at</title><style>{_STYLE}</style>",
        f'<text x="{aim}" y="24" text-anchor="middle">aim</text>',
        f'<line class="aim" x1="{aim}" x2="{aim}" y1="32" y2="{height - 6}"/>',
    ]
    for number, (name, ratio) in enumerate(rows):
        parts.append(_row(name, ratio, left, _TOP + _LINE * number + 14))
    return "\n".join([*parts, "</svg>", ""])


def _row(name: str, ratio: Mapping[str, Any] | None, left: int, y: int) -> str:
    if ratio is None:
        return f'<text class="title" x="8" y="{y}">{escape(name)}</text>'
    middle, low, high = (_share(ratio, ratio[key]) for key in ("median", "lowest", "highest"))
    kind = "reached" if middle >= 1 else "missed"
    low, high = sorted((low, high))
    said = f"{_number(ratio['median'])} ({'at most' if ratio['at_most'] else 'at least'} {_number(ratio['aim'])})"
    return (
        f'<text x="20" y="{y}">{escape(name)}</text>'
        f'<rect class="{kind}" x="{left}" y="{y - 12}" width="{_at(middle):.1f}" height="14" rx="2"/>'
        f'<line class="range" x1="{left + _at(low):.1f}" x2="{left + _at(high):.1f}" y1="{y - 5}" y2="{y - 5}"/>'
        f'<text x="{left + _WIDTH + 8}" y="{y}">{escape(said)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _share(ratio: Mapping[str, Any], value: float) -> float:
    """1 is what is aimed at, more is better."""
    aim = float(ratio["aim"])
    return aim / max(value, 1e-9) if ratio["at_most"] else value / aim


def _at(share: float) -> float:
    return min(share, _MOST) * _WIDTH / _MOST
