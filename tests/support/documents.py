"""The services' OpenAPI documents, as the command line prints them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from typer.testing import CliRunner

from flovify.cli.app import app


@cache
def document(service: str) -> dict[str, Any]:
    """Printed once for all tests of a process, none of which changes it: it takes a second."""
    return print_document(service)


def print_document(service: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["openapi", service])
    assert result.exit_code == 0, result.output
    printed: dict[str, Any] = json.loads(result.stdout)
    return printed
