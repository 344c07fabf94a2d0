"""What a benchmark keeps and draws of its figures."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer

from flovify.cli.bench.chart import draw
from flovify.cli.bench.command import app
from flovify.cli.bench.growth import Figure, Sizes, report
from flovify.cli.bench.hot import Hot
from flovify.cli.bench.percentile import percentile
from flovify.cli.bench.report import Ratio, print_report
from flovify.cli.bench.stub import mails
from flovify.common.errors import FlovifyError

ROUNDS = [{"rate": 50.0, "limit": 100.0, "wait": 30.0}, {"rate": 30.0, "limit": 100.0, "wait": 10.0}]
RATIOS = (Ratio("rate / limit", "rate", "limit", 1, 0.3), Ratio("wait <ms>", "wait", None, 1, 10, at_most=True))
SVG = "{http://www.w3.org/2000/svg}"


def test_a_report_says_what_is_reached_and_keeps_each_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    print_report("one", ROUNDS, RATIOS, kept)
    print_report("two", ROUNDS[:1], RATIOS[:1], kept)
    said = capsys.readouterr().out
    assert "0.4" in said
    assert ">= 0.3 reached" in said
    assert "<= 10 missed" in said
    found = json.loads(kept.read_text())
    assert list(found) == ["one", "two"]
    assert found["one"]["rounds"] == ROUNDS
    assert found["one"]["ratios"][0] | {} == {
        "name": "rate / limit", "median": 0.4, "lowest": 0.3, "highest": 0.5, "aim": 0.3, "at_most": False,
    }  # fmt: skip
    assert found["one"]["ratios"][1]["median"] == 20


def test_growth_keeps_each_statement_beside_its_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, sizes = tmp_path / "figures.json", Sizes(200, 5_000_000, 10_000, 20)
    quick, slow = (Figure(Hot(name, 20, _nothing), 2.0, p95, 40.0) for name, p95 in (("take", 15.0), ("feed", 25.0)))
    assert report("one", [quick], None)
    assert not kept.exists()
    assert not report(f"growth, {sizes}", [quick, slow], kept)
    assert "20 PAST" in capsys.readouterr().out
    found = json.loads(kept.read_text())[
        "growth, 5,000,000 settled events, 10,000 messages, 20 waiting events, 200 mailboxes"
    ]
    assert found["rounds"] == [
        {"take: p50 ms": 2, "take: p95 ms": 15, "take: longest ms": 40}
        | {"feed: p50 ms": 2, "feed: p95 ms": 25, "feed: longest ms": 40}
    ]
    assert [(one["name"], one["median"], one["aim"], one["at_most"]) for one in found["ratios"]] == [
        ("take: p95 ms", 15, 20, True), ("feed: p95 ms", 25, 20, True)
    ]  # fmt: skip


async def _nothing() -> None:
    pass


def test_every_measurement_can_be_kept() -> None:
    commands = typer.main.get_group(app).commands
    assert set(commands) >= {"intake", "drain", "end-to-end", "cost", "startup", "memory", "growth"}
    without = {
        name for name, one in commands.items() if "--json" not in {o for param in one.params for o in param.opts}
    }
    assert without == {"chart"}


def test_mails_of_a_measurement_are_as_long_as_an_office_s_and_no_two_alike() -> None:
    bodies = [one["content"] for one in mails()]
    assert len(set(bodies)) == len(bodies) >= 100
    assert all(7000 < len(body) < 11_000 for body in bodies)
    assert mails() == mails()


def test_the_picture_shows_each_ratio_beside_its_aim_whichever_way_is_better(tmp_path: Path) -> None:
    kept, picture = tmp_path / "figures.json", tmp_path / "figures.svg"
    print_report("one & only", ROUNDS, RATIOS, kept)
    print_report("no aim", ROUNDS, (), kept)
    draw(kept, picture)
    root = ET.fromstring(picture.read_text())  # noqa: S314 - our own
    bars = root.findall(f"{SVG}rect")
    assert [bar.get("class") for bar in bars] == ["reached", "missed"]
    shares = [float(bar.get("width", 0)) / 210 for bar in bars]
    assert shares == pytest.approx([0.4 / 0.3, 10 / 20], abs=0.01)
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"one & only", "rate / limit", "wait <ms>", "0.4 (at least 0.3)", "20 (at most 10)"} <= set(texts)
    assert "no aim" not in texts


def test_a_long_name_stands_beside_its_bar(tmp_path: Path) -> None:
    kept, picture = tmp_path / "figures.json", tmp_path / "figures.svg"
    print_report("one", ROUNDS, [Ratio("w" * 80, "wait", None, 1, 10, at_most=True)], kept)
    draw(kept, picture)
    (bar,) = ET.fromstring(picture.read_text()).findall(f"{SVG}rect")  # noqa: S314 - our own
    assert float(bar.get("x", 0)) > 80 * 6.5


@pytest.mark.parametrize("content", ["", "[]", '{"one": {}}', '{"one": {"ratios": [{}]}}'])
def test_what_holds_no_figures_is_said_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "figures.json").write_text(content)
    with pytest.raises(FlovifyError, match="holds no figures"):
        draw(tmp_path / "figures.json", tmp_path / "out.svg")


@pytest.mark.parametrize(
    ("count", "percent", "expected"), [(20, 95, 19), (1, 95, 1), (100, 99, 99), (101, 99, 100), (5, 50, 3)]
)
def test_a_percentile_is_a_value_that_was_measured(count: int, percent: float, expected: float) -> None:
    assert percentile([float(number) for number in range(1, count + 1)], percent) == expected
