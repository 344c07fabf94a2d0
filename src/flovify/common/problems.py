"""Errors as answers: problem+json (RFC 9457). Apart from the errors themselves, which load without a web framework."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from flovify.common import correlation
from flovify.common.errors import FlovifyError, InvalidRequest, Unavailable
from flovify.common.logs import get_logger, place_of

PROBLEM_JSON = "application/problem+json"


def problem_response(error: FlovifyError) -> Response:
    """One error as problem+json: type, title, status, code, detail, correlation_id and the error's own members."""
    correlation_id = correlation.current()
    body = {
        "type": "about:blank",
        "title": _title(error.status),
        "status": error.status,
        "code": error.problem_code,
        "detail": error.detail,
        **({"correlation_id": correlation_id} if correlation_id else {}),
        **error.extra,
    }
    headers = {"Cache-Control": "no-store", **error.headers}
    return JSONResponse(body, status_code=error.status, headers=headers, media_type=PROBLEM_JSON)


def install_problem_handlers(app: Starlette) -> None:
    """Make every failure of `app` a problem+json answer; what is unexpected is logged with an id and hides its text."""
    app.add_exception_handler(FlovifyError, _on_flovify_error)
    _handle_validation_errors(app)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_client_gone)
    app.add_exception_handler(Exception, _on_unexpected)
    for database_error in _database_errors():
        app.add_exception_handler(database_error, _on_database_away)


def _handle_validation_errors(app: Starlette) -> None:
    """FastAPI's own error class, where FastAPI is used; loading it costs the others a good part of their start."""
    if "fastapi" in sys.modules:
        from fastapi.exceptions import RequestValidationError  # noqa: PLC0415

        app.add_exception_handler(RequestValidationError, _on_validation_error)


def _database_errors() -> tuple[type[Exception], ...]:
    """What the driver raises when the server cannot be reached."""
    from flovify.common.db import AWAY  # noqa: PLC0415 - this module itself must load without the driver

    return AWAY


async def _on_flovify_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, FlovifyError):
        raise error
    return problem_response(error)


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    details: Sequence[Any] = getattr(error, "errors", list)()
    problems = [{"field": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]} for item in details]
    fields = "; ".join(f"{item['field']}: {item['problem']}" for item in problems) or "the request is malformed"
    return problem_response(InvalidRequest(fields, extra={"errors": problems}))


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _title(error.status_code).lower().replace(" ", "_")
    return problem_response(
        FlovifyError(str(error.detail), code=code, http_status=error.status_code, headers=error.headers)
    )


async def _on_client_gone(_request: Request, _error: Exception) -> Response:
    """It left within its body, or its listener has refused it for that body: nobody gets this answer."""
    return Response(status_code=400)


async def _on_database_away(_request: Request, error: Exception) -> Response:
    get_logger().warning("database_unavailable", error=type(error).__name__)
    return problem_response(
        Unavailable(
            "The database cannot be reached. Nothing was changed; try again in a few seconds, and if it stays so, "
            "check that PostgreSQL runs and that DATABASE_URL is right.",
            code="database_unavailable",
            retry_after=2,
        )
    )


async def _on_unexpected(_request: Request, error: Exception) -> Response:
    error_id = str(uuid.uuid4())
    # Driver messages may repeat bound values, so only the class and the place are logged.
    get_logger().error("unexpected_error", error_id=error_id, error=type(error).__name__, where=place_of(error))
    return problem_response(
        FlovifyError(
            f"Something went wrong that should not. Look for error_id {error_id} in the log of this service.",
            extra={"error_id": error_id},
        )
    )


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
