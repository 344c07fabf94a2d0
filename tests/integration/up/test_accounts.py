"""As root PostgreSQL gets an account of its own; as an ordinary user it runs as that user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flovify.cli.up.account import choose_account
from flovify.cli.up.postgres import EmbeddedPostgres

NOBODY = 65534
PROGRAM = """
import os, signal, sys
from pathlib import Path
from flovify.cli.up.errors import UpError
from flovify.cli.up.postgres import EmbeddedPostgres
try:
    server = EmbeddedPostgres(Path(sys.argv[1])).start()
except UpError as error:
    sys.exit(f"refused: {error}")
os.kill(server.pid, signal.SIGKILL)
server = EmbeddedPostgres(Path(sys.argv[1])).start()
print(server.query("flovify_owner", "select 'answered'"), os.stat(f"/proc/{server.pid}").st_uid)
server.destroy()
"""

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def run_as(uid: int, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Runs PROGRAM as another account, with an interpreter that account can reach."""
    python = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no interpreter that other accounts can run")
    return subprocess.run(
        [python, "-W", "ignore", "-c", PROGRAM, str(data_dir)],
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@root_only
def test_an_ordinary_user_runs_it_as_himself(new_data_dir: Path) -> None:
    new_data_dir.mkdir()
    os.chown(new_data_dir, NOBODY, NOBODY)
    done = run_as(NOBODY, new_data_dir / "data")
    assert done.stdout == f"answered {NOBODY}\n", done.stderr


@root_only
def test_an_account_without_a_name_is_told_so(new_data_dir: Path) -> None:
    new_data_dir.mkdir()
    os.chown(new_data_dir, 4242, 4242)
    done = run_as(4242, new_data_dir / "data")
    assert "refused: PostgreSQL needs an account name but user id 4242 has no entry" in done.stderr


@root_only
def test_as_root_it_runs_as_an_unprivileged_account(postgres: EmbeddedPostgres) -> None:
    account, line = choose_account()
    assert account.uid != 0
    assert line is not None
    assert account.name in line
    status = Path(f"/proc/{postgres.pid}/status").read_text()
    uids = next(row for row in status.splitlines() if row.startswith("Uid:")).split()[1:]
    groups = next(row for row in status.splitlines() if row.startswith("Groups:")).split()[1:]
    assert set(uids) == {str(account.uid)}
    assert "0" not in groups


@root_only
def test_the_database_account_cannot_read_the_secrets(postgres: EmbeddedPostgres) -> None:
    account, _ = choose_account()
    assert account.can("x", postgres.data_dir)
    assert not account.can("r", postgres.data_dir)
    assert not account.can("r", postgres.data_dir / "secrets.json")
