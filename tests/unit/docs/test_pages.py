"""What the pages name is there: anchors, commands with their options, settings, routes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from flovify.cli.app import app
from flovify.cli.services import SERVICES
from tests.conftest import ROOT
from tests.support.documents import document

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"```(?:sh)?\n(.*?)```", re.DOTALL)
_SETTING = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
_ROUTE = re.compile(r"`(?:(GET|POST|PUT|PATCH|DELETE) )(/(?:auth|api)/[^\s`?]*)")
# Variables of others, or of the tests alone; those of the compose files are looked up in them.
OTHERS = {
    "ALL_PROXY", "API_DATABASE_URL", "AUTH_DATABASE_URL", "FLOVIFY_CLOCK_OFFSET", "FLOVIFY_FUZZ_SECONDS",
    "FLOVIFY_PICTURES", "FLOVIFY_URL", "GRAPH_REFERENCE", "HTTPS_PROXY", "MAIL_CORPUS", "NO_PROXY", "SSL_CERT_FILE",
    "SSL_CERT_DIR",
}  # fmt: skip


def test_the_anchors_of_links_are_headings() -> None:
    wrong = []
    for page in PAGES:
        for file, anchor in re.findall(r"\]\(([^)\s#:]*)#([^)\s]+)\)", page.read_text()):
            target = (page.parent / file).resolve() if file else page
            if target.suffix == ".md" and anchor not in _anchors(target):
                wrong.append(f"{page.name}: {file}#{anchor}")
    assert wrong == []


@cache
def _anchors(page: Path) -> set[str]:
    """As GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist_with_their_options(page: Path) -> None:
    wrong = [f"{line}: {problem}" for line in _commands(page.read_text()) if (problem := _problem(line))]
    assert wrong == []


def _commands(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if found := re.match(r"\s*(?:docker compose .*(?:exec|run --rm) \w+ )?(flovify .*)", line):
                yield found[1].partition(" #")[0]
    for span in _SPAN.findall(_BLOCK.sub("", text)):
        if span.startswith("flovify "):
            yield span


def _problem(line: str) -> str:
    """What is wrong with a command line; empty when nothing is."""
    words = shlex.split(re.split(r"[|>;&]\s", line)[0])[1:]
    command = _program()
    for word in words:
        names = re.split(r"[|/]", word)
        if hasattr(command, "commands"):
            if word.startswith("-"):
                continue
            if any(name not in command.commands for name in names):
                return f"there is no command {word}"
            command = command.commands[names[0]]
        elif word.startswith("--"):
            options = {one for param in command.params for one in (*param.opts, *param.secondary_opts)}
            if word.partition("=")[0] not in options | {"--help"}:
                return f"there is no option {word}"
    return ""


@cache
def _program() -> Any:
    return typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_exist(page: Path) -> None:
    named = set(_SETTING.findall(page.read_text()))
    assert {
        one for one in named if one.removesuffix("_FILE") not in _settings() | OTHERS and not _is_code(one)
    } == set()


@cache
def _settings() -> set[str]:
    return {name.upper() for one in SERVICES.values() for name in one.settings_class().model_fields}


@cache
def _source() -> str:
    files = [*(ROOT / "src/flovify").rglob("*.py"), *(ROOT / "deploy").rglob("*.yml"), *(ROOT / "deploy").rglob("*.sh")]
    return "\n".join(path.read_text() for path in files)


@cache
def _words() -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _source()))


def _is_code(name: str) -> bool:
    """A constant of the code, a variable of a compose file, or a word of somebody's protocol that the code knows."""
    return name in _words()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_routes_exist(page: Path) -> None:
    routes = _routes()
    named = {(method.lower(), _shape(path)) for method, path in _ROUTE.findall(page.read_text())}
    assert {one for one in named - routes if not _is_internal(one[1])} == set()


def _is_internal(path: str) -> bool:
    """A route of an internal listener; no document has those."""
    place = re.match(r"/(?:auth|api)/internal/[a-z-]+", path)
    return place is not None and f'"{place[0]}' in _source()


@cache
def _routes() -> frozenset[tuple[str, str]]:
    found = {
        (method, _shape(path))
        for service in ("auth", "api")
        for path, methods in document(service)["paths"].items()
        for method in methods
    }
    return frozenset(found | {("post", "/api/ms365/webhook")})


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", path).rstrip("/.,")
