from __future__ import annotations

import json

import pytest
from starlette.requests import Request

from flovify.common import errors, problems


def body(response: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(getattr(response, "body", b"")))
    return found


def test_an_error_is_rendered_with_code_status_and_its_own_members() -> None:
    answer = problems.problem_response(errors.Conflict("already there", code="exists", extra={"id": "7"}))
    assert answer.status_code == 409
    assert answer.media_type == "application/problem+json"
    assert body(answer) == {
        "type": "about:blank", "title": "Conflict", "status": 409, "code": "exists", "detail": "already there",
        "id": "7",
    }  # fmt: skip


def test_unavailable_says_when_to_come_back() -> None:
    answer = problems.problem_response(errors.Unavailable("away", retry_after=2.4))
    assert answer.headers["retry-after"] == "2"


async def test_an_unexpected_error_hides_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    request = Request({"type": "http", "headers": []})
    answer = await problems._on_unexpected(request, ValueError("SECRETTOKEN"))
    assert answer.status_code == 500
    assert "SECRETTOKEN" not in json.dumps(body(answer)) + "".join(capsys.readouterr())
    assert body(answer)["error_id"]
