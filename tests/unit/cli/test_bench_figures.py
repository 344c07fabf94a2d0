"""What a benchmark keeps and draws of its figures."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from flovify.cli.bench.chart import draw
from flovify.cli.bench.report import Ratio, print_report
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


def test_the_picture_shows_each_ratio_beside_its_aim_whichever_way_is_better(tmp_path: Path) -> None:
    kept, picture = tmp_path / "figures.json", tmp_path / "figures.svg"
    print_report("one & only", ROUNDS, RATIOS, kept)
    draw(kept, picture)
    root = ET.fromstring(picture.read_text())  # noqa: S314 - our own
    bars = root.findall(f"{SVG}rect")
    assert [bar.get("class") for bar in bars] == ["reached", "missed"]
    shares = [float(bar.get("width", 0)) / 210 for bar in bars]
    assert shares == pytest.approx([0.4 / 0.3, 10 / 20], abs=0.01)
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"one & only", "rate / limit", "wait <ms>", "0.4 (at least 0.3)", "20 (at most 10)"} <= set(texts)


@pytest.mark.parametrize("content", ["", "[]", '{"one": {}}', '{"one": {"ratios": [{}]}}'])
def test_what_holds_no_figures_is_said_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "figures.json").write_text(content)
    with pytest.raises(FlovifyError, match="holds no figures"):
        draw(tmp_path / "figures.json", tmp_path / "out.svg")
