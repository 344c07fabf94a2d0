from __future__ import annotations

import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from flovify.common.logs import _guard

SCRIPT = """
import logging, sys
from flovify.common import logs
logs.configure("test", "info")
text = sys.stdin.read()
logs.get_logger().info("event", subject=text, access_token="SECRET", expires_in=3)
logging.getLogger("library").warning("said %s", text)
"""


def test_hostile_text_stays_one_json_line_and_secrets_are_masked() -> None:
    hostile = 'a\nb\r\x1b[31m\u202e"}{\x00\u2028'
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=hostile, capture_output=True, text=True, encoding="utf-8", check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == 2
    assert lines[0]["subject"].startswith("a\n")
    assert lines[0]["access_token"] == "***"
    assert lines[0]["expires_in"] == 3
    assert "SECRET" not in done.stderr


@given(st.text(min_size=0, max_size=5000))
def test_long_values_are_cut(value: str) -> None:
    assert len(_guard(None, "info", {"subject": value})["subject"]) <= 2049
