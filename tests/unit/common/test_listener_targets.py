from __future__ import annotations

import pytest

from flovify.common.listener.targets import names_another_host

HOST = [(b"accept", b"*/*"), (b"host", b"mail.example:8000")]


@pytest.mark.parametrize(
    "target", [b"/x", b"/http://evil.test/x", b"*", b"http://mail.example:8000/x", b"HTTP://Mail.Example:8000?y"]
)
def test_its_own_host_or_none(target: bytes) -> None:
    assert not names_another_host(target, HOST)


@pytest.mark.parametrize(
    "target",
    [b"http://evil.test/x", b"http://mail.example/x", b"http://a@mail.example:8000/x", b"evil.test:443", b"x", b""],
)
def test_another_host_or_nothing_that_is_one(target: bytes) -> None:
    assert names_another_host(target, HOST)


def test_without_exactly_one_host_header_nothing_fits() -> None:
    assert names_another_host(b"http://mail.example:8000/x", [])
    assert names_another_host(b"http://mail.example:8000/x", [*HOST, *HOST])
