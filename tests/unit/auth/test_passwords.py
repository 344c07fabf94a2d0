from __future__ import annotations

import pytest

from flovify.auth.users.passwords import Passwords, check_new_password, check_password_shape
from flovify.auth.users.service import check_new_user
from flovify.common.errors import InvalidRequest


@pytest.mark.parametrize(
    "password", ["", "elevenchars", "a" * 40, "correct\x00horse battery", "é" * 513, "admin@example.com"]
)
def test_a_password_that_is_short_guessable_or_odd_cannot_be_chosen(password: str) -> None:
    with pytest.raises(InvalidRequest):
        check_new_password(password, "admin@example.com")


@pytest.mark.parametrize(
    "password", ["twelve chars", " leading space is kept", "パスワードはここにあります長い", "a1" * 500 + "bcd"]
)
def test_any_other_password_can_be_chosen(password: str) -> None:
    check_new_password(password, "admin@example.com")


def test_an_over_long_password_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(InvalidRequest):
        check_password_shape("x" * 1025)
    check_password_shape("x" * 1024)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "admin",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@b@c",
        "a\n@example.com",
        "a\x00@b.c",
        "a\u202e@b.c",
        "x" * 251 + "@b.c",
    ],
)
def test_an_address_that_is_none_cannot_be_a_user(email: str) -> None:
    with pytest.raises(InvalidRequest):
        check_new_user(email, "correct horse battery", "viewer")


def test_a_role_must_be_known() -> None:
    with pytest.raises(InvalidRequest, match="viewer, operator, administrator"):
        check_new_user("a@example.com", "correct horse battery", "root")


async def test_hashes_are_argon2id_with_the_strength_we_promise() -> None:
    passwords = Passwords()
    made = await passwords.hash("correct horse battery")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(made, "correct horse battery")
    assert not await passwords.verify(made, "correct horse battery ")
    assert not await passwords.verify(None, "a password nobody has")
    assert not await passwords.verify("not a hash", "x")
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
