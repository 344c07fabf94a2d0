"""Every parser of what strangers send, for a minute each, with bytes that atheris makes up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.processes import base_environment

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]

SECONDS = int(os.environ.get("FLOVIFY_FUZZ_SECONDS", "60"))
# One input: no parser may take that long for 64 kB, nor keep that much.
OPTIONS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=65536", f"-max_total_time={SECONDS}")
_COVERED = re.compile(r"cov: (\d+)")

Seeds = Callable[[], Iterable[bytes]]


@pytest.fixture
def seeds(graph_reference: Path, mail_corpus: list[Path]) -> dict[str, Seeds]:
    def payloads(pattern: str) -> Iterable[bytes]:
        return (path.read_bytes() for path in (graph_reference / "payloads").glob(pattern))

    return {
        "notification": lambda: payloads("notification-*.json"),
        "message": lambda: payloads("message-*.json"),
        "html": lambda: payloads("message-*.json"),
        "mime": lambda: (path.read_bytes() for path in mail_corpus if path.stat().st_size < 65536),
    }


@pytest.mark.parametrize("parser", ["notification", "message", "html", "mime"])
def test_no_made_up_bytes_break_a_parser(parser: str, seeds: dict[str, Seeds], tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds[parser]()):
        (corpus / str(number)).write_bytes(seed)
    command = [sys.executable, "-m", "tests.fuzz", parser, *OPTIONS, f"-artifact_prefix={tmp_path}/", str(corpus)]
    environment = base_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, errors="replace", check=False)
    sys.stdout.write(done.stderr[-1500:])
    assert done.returncode == 0, done.stderr[-6000:]
    covered = [int(found) for found in _COVERED.findall(done.stderr)]
    # A target that is not instrumented runs millions of inputs and finds nothing, and looks just as green.
    assert covered[-1] > covered[0] > 10
