"""In a process of its own, for a hard limit once lowered is never raised again."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
from flovify.common.listener.descriptors import raise_descriptor_limit
hard = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
raise_descriptor_limit(1000)
print(resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard))
"""


@pytest.mark.parametrize(("hard", "warned"), [(4096, False), (2000, True)])
def test_the_soft_limit_is_raised_and_a_low_hard_one_is_told(hard: int, warned: bool) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(hard)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"
    assert ("few_file_descriptors" in done.stdout + done.stderr) is warned
