from __future__ import annotations

import pytest
from starlette.requests import Request

from flovify.common.errors import FlovifyError
from flovify.common.service_tokens import ServiceTokenGuard

RIGHT = b"right-secret"


def request(*values: bytes, name: bytes = b"x-service-token") -> Request:
    return Request({"type": "http", "headers": [(name, value) for value in values]})


@pytest.mark.parametrize("value", [RIGHT, b"previous-secret"])
async def test_current_and_previous_secret_pass(value: bytes) -> None:
    await ServiceTokenGuard(["right-secret", "previous-secret"])(request(value))


@pytest.mark.parametrize(
    "headers",
    [[], [b""], [b"right"], [RIGHT + b" "], [b"\xef\xbb\xbf" + RIGHT], ["é".encode()], [b"x" * 2**20]],
)
async def test_anything_else_is_a_401(headers: list[bytes]) -> None:
    with pytest.raises(FlovifyError) as caught:
        await ServiceTokenGuard(["right-secret"])(request(*headers))
    assert caught.value.status == 401


async def test_a_doubled_header_is_a_400_even_when_both_are_right() -> None:
    with pytest.raises(FlovifyError) as caught:
        await ServiceTokenGuard(["right-secret"])(request(RIGHT, RIGHT))
    assert caught.value.status == 400


async def test_an_underscored_header_is_not_the_header() -> None:
    with pytest.raises(FlovifyError):
        await ServiceTokenGuard(["right-secret"])(request(RIGHT, name=b"x_service_token"))


def test_no_secret_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ServiceTokenGuard([""])
