"""The answers a listener gives by itself, before any application: problem+json, made once.

FlovifyError
 ├─ MalformedRequest     400 malformed_request
 ├─ HeadTooSlow          408 headers_too_slow       RFC 9110, 15.5.9
 ├─ BodyTooSlow          408 body_too_slow          (common.bodies)
 ├─ BodyTooLarge         413 body_too_large         RFC 9110, 15.5.14 (common.bodies)
 ├─ TargetTooLong        414 target_too_long        RFC 9110, 15.5.15; RFC 9112, 3
 ├─ HeadTooLarge         431 headers_too_large      RFC 6585, 5
 └─ TooManyConnections   503 too_many_connections   (+ Retry-After)

After each of them the connection is closed, for what follows on it cannot be told apart from the rest of the request.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from http import HTTPStatus

from flovify.common.bodies import BodyTooLarge, BodyTooSlow
from flovify.common.errors import FlovifyError, Unavailable
from flovify.common.problems import problem_response

RETRY_SECONDS = 2


class MalformedRequest(FlovifyError):
    code = "malformed_request"
    http_status = 400


class HeadTooSlow(FlovifyError):
    code = "headers_too_slow"
    http_status = 408


class HeadTooLarge(FlovifyError):
    code = "headers_too_large"
    http_status = 431


class TargetTooLong(FlovifyError):
    code = "target_too_long"
    http_status = 414


class TooManyConnections(Unavailable):
    code = "too_many_connections"


@dataclass(frozen=True)
class Refusal:
    """Why, as it is counted, and the answer's status line and the rest; the headers of the server go between."""

    reason: str
    status_line: bytes
    rest: bytes


def _refusal(reason: str, error: FlovifyError) -> Refusal:
    response = problem_response(error)
    response.headers["Connection"] = "close"
    head = b"".join(b"%b: %b\r\n" % header for header in response.raw_headers)
    status = HTTPStatus(error.status)
    line = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    return Refusal(reason, line, head + b"\r\n" + bytes(response.body))


MALFORMED = _refusal("malformed", MalformedRequest("this is no request that HTTP allows"))
HEADER_SLOW = _refusal("header_slow", HeadTooSlow("the request's headers came too slowly"))
HEADER_LARGE = _refusal("header_large", HeadTooLarge("the request's headers are too many or too long"))
TARGET_LONG = _refusal("header_large", TargetTooLong("the request's address is too long"))
BODY_SLOW = _refusal("body_slow", BodyTooSlow())
PER_ADDRESS = _refusal(
    "per_address", TooManyConnections("too many connections from this address", retry_after=RETRY_SECONDS)
)
FULL = _refusal("full", TooManyConnections("too many connections at the moment", retry_after=RETRY_SECONDS))
# Nobody is there to read an answer to this.
ANSWER_SLOW = "answer_slow"


@functools.lru_cache(64)
def body_large(max_bytes: int) -> Refusal:
    """The answer to a body of more than `max_bytes`, which it names."""
    return _refusal("body_large", BodyTooLarge(max_bytes))
