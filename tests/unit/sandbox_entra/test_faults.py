from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flovify.sandbox.faults.requests import NewFault, read_fault
from flovify.sandbox.faults.service import MAX_REMEMBERED, Fault, Faults, RequestLog, SeenRequest


def _seen(path: str = "/x", query: str = "", method: str = "GET") -> SeenRequest:
    return SeenRequest(at=datetime(2026, 1, 1, tzinfo=UTC), method=method, path=path, query=query, status=200, ms=1)


@pytest.mark.parametrize(
    ("method", "pattern", "path", "matches"),
    [
        ("*", "*", "/v1.0/me", True),
        ("get", "/v1.0/me", "/v1.0/me", True),
        ("P*", "/v1.0/me", "/v1.0/me", False),
        ("GET", "/v1.0/me", "/v1.0/me/messages", False),
        ("GET", "/v1.0/*/messages", "/v1.0/users/a@b.example/messages", True),
        ("GET", "/v1.0/me/mailFolders('inbox')/messages", "/v1.0/me/mailFolders('inbox')/messages", True),
        ("GET", "/v1.0/me?", "/v1.0/mex", False),
        ("GET", "/v1.0/[m]e", "/v1.0/me", False),
        ("GET", "*/token", "/common/oauth2/v2.0/token", True),
        ("GET", "/a*", "/a\nb", True),
    ],
)
def test_only_the_star_is_a_wildcard(method: str, pattern: str, path: str, matches: bool) -> None:
    faults = Faults()
    faults.add(Fault(method=method, path=pattern, status=503))
    assert (faults.match("GET", path) is not None) is matches


def test_faults_are_used_oldest_first_and_end_with_their_count() -> None:
    faults = Faults()
    first = faults.add(Fault(status=429, times=2))
    second = faults.add(Fault(status=503))
    assert [faults.match("GET", "/") for _ in range(4)] == [first, first, second, second]
    assert faults.all() == [second]
    assert (first.hits, second.hits) == (2, 2)


def test_a_fault_that_loses_its_draw_leaves_the_request_to_the_next() -> None:
    faults = Faults()
    never = faults.add(Fault(status=429, probability=0, times=1))
    always = faults.add(Fault(status=503, probability=1))
    assert faults.match("GET", "/") is always
    assert never.times == 1


def test_a_body_that_is_not_text_is_sent_as_json() -> None:
    assert read_fault(NewFault(status=500, body={"a": [1]})).body == '{"a":[1]}'
    assert read_fault(NewFault(status=500, body="plain")).body == "plain"
    assert read_fault(NewFault(status=500)).body is None


@pytest.mark.parametrize(
    "query",
    [
        "code=hush",
        "a=b&CODE=hush",
        "%63ode=hush",
        "client_secret=hush&a=b",
        "refresh%5Ftoken=hush",
        "code=%20hush&code=hush",
    ],
)
def test_the_log_masks_secrets_however_they_are_written(query: str) -> None:
    log = RequestLog()
    log.add(_seen(query=query))
    assert "hush" not in log.find()[0].query
    assert "***" in log.find()[0].query


def test_the_log_leaves_everything_else_as_it_was_sent() -> None:
    log = RequestLog()
    log.add(_seen(query="$filter=a%20eq%20'code'&$top=5&&x"))
    assert log.find()[0].query == "$filter=a%20eq%20'code'&$top=5&&x"


def test_the_log_is_bounded_and_keeps_the_newest() -> None:
    log = RequestLog()
    for number in range(MAX_REMEMBERED + 10):
        log.add(_seen(f"/{number}", method="POST" if number % 2 else "GET"))
    assert len(log.find()) == MAX_REMEMBERED
    assert [one.path for one in log.find("GET", "/5*")][-1] == "/5008"
    assert log.find()[-1].path == f"/{MAX_REMEMBERED + 9}"
