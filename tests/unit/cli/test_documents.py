from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flovify.cli.app import app
from flovify.cli.reference import reference_page

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])


def test_the_configuration_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == reference_page(), (
        "run: flovify config reference > docs/configuration.md"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [link for link in links if link and not (page.parent / link).exists()]
    assert missing == []


def test_files_named_by_the_architecture_exist() -> None:
    names = re.findall(r"`([a-z_0-9/]+\.(?:py|sql))`", (ROOT / "docs/architecture.md").read_text())
    known = [str(path) for path in (ROOT / "src/flovify").rglob("*") if path.suffix in {".py", ".sql"}]
    assert len(names) > 30
    assert [name for name in names if not any(path.endswith(f"/{name}") for path in known)] == []


@pytest.mark.parametrize(
    "command",
    [
        ["up"], ["serve", "auth"], ["serve", "api"], ["serve", "bff"], ["worker"], ["sandbox"], ["migrate", "plan"],
        ["migrate", "apply"], ["migrate", "status"], ["admin", "create-user"], ["admin", "rewrap-keys"],
        ["admin", "reseal-secrets"], ["admin", "rotate-signing-key"],
        ["admin", "users"], ["admin", "disable-user"], ["admin", "enable-user"], ["admin", "set-role"],
        ["admin", "set-password"], ["admin", "sessions"], ["admin", "end-session"], ["admin", "end-sessions"],
        ["config", "show"], ["doctor"],
        ["apps", "add"], ["apps", "list"], ["apps", "rotate"], ["apps", "remove"], ["tenants", "list"],
        ["tenants", "connect"], ["tenants", "link"], ["tenants", "test"], ["tenants", "disconnect"],
        ["subscriptions", "keys"], ["subscriptions", "abandon-key"], ["audit", "verify"],
        ["bench", "intake"], ["bench", "drain"], ["openapi", "auth"], ["openapi", "api"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_a_help_text(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert len(result.output) > 150
