"""Reading a control call's body, and what several handlers say."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from starlette.requests import Request

from flovify.common.errors import FlovifyError, InvalidRequest, NotFound

T = TypeVar("T")


async def read_body(request: Request, type_: type[T]) -> T:
    """The JSON body. Raises InvalidRequest saying what does not fit."""
    try:
        return msgspec.json.decode(await request.body(), type=type_)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRequest(f"the JSON body does not fit: {error}") from None


def no_mailbox(address: str) -> FlovifyError:
    return NotFound(f"there is no mailbox {address}; make it with POST /_sandbox/mailboxes")
