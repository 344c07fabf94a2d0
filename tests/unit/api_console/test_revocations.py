from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flovify.api.live.hub import MAX_BEHIND, Follower
from flovify.api.live.models import LiveEvent
from flovify.api.revocations.known import KEEP_SECONDS, KnownRevocations
from flovify.api.revocations.models import Revoked
from flovify.common.errors import Unauthorized
from flovify.common.jwt import Principal

ANN = Principal("ann", "ann@example.com", "viewer", "session-of-ann", key_id="key-of-ann")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def known(clock: HandClock) -> KnownRevocations:
    return KnownRevocations(clock)


def refused(known: KnownRevocations, principal: Principal = ANN) -> bool:
    try:
        known.check(principal)
    except Unauthorized as error:
        return (error.status, error.problem_code) == (401, "session_ended")
    return False


@pytest.mark.parametrize(
    "payload",
    ["", "session", "role ann", "session a b c", "else session-of-ann", "role ann viewer", "key key-of-bob", "key"],
)
def test_what_says_nothing_against_her_lets_her_in(known: KnownRevocations, payload: str) -> None:
    known.hear(payload)
    assert not refused(known)


@pytest.mark.parametrize("payload", ["session session-of-ann", "role ann operator", "key key-of-ann"])
def test_what_is_told_counts_at_once(known: KnownRevocations, payload: str) -> None:
    known.hear(payload)
    assert refused(known)
    assert not refused(known, Principal("bob", "bob@example.com", "viewer", "session-of-bob"))


def test_the_refusal_says_what_to_do_with_the_token(known: KnownRevocations) -> None:
    known.hear("role ann operator")
    with pytest.raises(Unauthorized, match="role has changed") as refusal:
        known.check(ANN)
    assert refusal.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_the_last_role_counts(known: KnownRevocations) -> None:
    known.hear("role ann operator")
    known.hear("role ann viewer")
    assert not refused(known)
    assert refused(known, Principal("ann", "ann@example.com", "operator", "session-of-ann"))


def test_a_list_does_not_take_back_what_was_told_while_it_was_asked_for(
    known: KnownRevocations, clock: HandClock
) -> None:
    asked_at = clock.at
    clock.at += 0.5
    known.hear("session session-of-ann")
    known.replace(Revoked(), asked_at)
    assert refused(known)
    # The next list was asked for afterwards: it would have the session in it.
    clock.at += 1
    known.replace(Revoked(), clock.at)
    assert not refused(known)


def test_without_a_list_it_is_forgotten_when_no_token_is_left(known: KnownRevocations, clock: HandClock) -> None:
    known.replace(Revoked(["session-of-ann"], {"bob": "operator"}, ["key-of-bob"]), clock.at)
    clock.at += KEEP_SECONDS - 1
    known.forget_old()
    assert refused(known)
    clock.at += 2
    known.forget_old()
    assert not refused(known)
    assert (known._sessions, known._roles, known._keys) == ({}, {}, {})


def test_a_dropped_key_that_only_the_list_tells_of_counts(known: KnownRevocations, clock: HandClock) -> None:
    known.replace(Revoked(keys=["key-of-ann"]), clock.at)
    assert refused(known)
    assert not refused(known, Principal("ann", "ann@example.com", "viewer", "session-of-ann", key_id="the next"))
    assert known.dropped(["the next", "key-of-ann"])
    assert not known.dropped(["the next"])


def test_followers_are_told_once_it_hits_them(known: KnownRevocations) -> None:
    told: list[str] = []
    with known.follow(ANN, lambda: told.append("ann")):
        known.hear("session session-of-bob")
        assert told == []
        known.hear("session session-of-ann")
        assert told == ["ann"]
    with known.follow(ANN, lambda: told.append("again")):
        assert told == ["ann", "again"], "also when it was so before"
    known.hear("session session-of-ann")
    assert len(told) == 2


def test_an_end_is_not_lost_among_too_many_events() -> None:
    follower = Follower()
    follower.end()
    for number in range(MAX_BEHIND + 1):
        follower.offer(LiveEvent(number, "message.created", None))
    assert follower.ended
