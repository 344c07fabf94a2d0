from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.bff.proxy.table import TABLE, Way, fill, paths
from flovify.common.errors import NotFound

ATTACHMENT = Way("GET", "api", "/api/messages/{id}/attachments/{aid}")
ID = "6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d"


def test_no_way_leads_to_an_internal_route_or_metrics() -> None:
    assert [way for way in TABLE if "internal" in way.path or "metrics" in way.path] == []
    assert {f"{way.method} {way.path}" for way in TABLE if way.public} == {
        "GET /auth/setup",
        "POST /auth/setup",
        "POST /auth/invitations/accept",
    }
    assert all(way.path.startswith(f"/{way.service}/") for way in TABLE)


def test_no_call_stands_twice_and_fixed_names_come_before_patterns() -> None:
    assert len({(way.method, way.outside) for way in TABLE}) == len(TABLE)
    order = list(paths())
    assert order.index("/bff/api/dead-letters/discarded") < order.index("/bff/api/dead-letters/{id}")
    assert order.index("/bff/api/replays/preview") < order.index("/bff/api/replays/{id}")
    assert paths()["/bff/stream"]["GET"].path == "/api/stream"


def test_checked_values_are_filled_in() -> None:
    assert fill(ATTACHMENT, {"id": ID.upper(), "aid": "A+b_-="}) == f"/api/messages/{ID}/attachments/A%2Bb_-%3D"


@given(st.text())
def test_whatever_the_values_the_path_keeps_its_shape(value: str) -> None:
    try:
        path = fill(ATTACHMENT, {"id": ID, "aid": value})
    except NotFound:
        return
    assert path.isascii()
    assert path.startswith(f"/api/messages/{ID}/attachments/")
    assert path.count("/") == 5
    assert not set(path) & set("?#.;\\ ")


@pytest.mark.parametrize("value", ["..", ID[:-1], ID + "0", f"{{{ID}}}", ID.replace("-", ""), f"urn:uuid:{ID}"])
def test_what_is_no_identifier_is_not_found(value: str) -> None:
    with pytest.raises(NotFound):
        fill(ATTACHMENT, {"id": value, "aid": "a"})


CODE = Way("GET", "auth", "/auth/error-words/{code}")


@pytest.mark.parametrize("value", ["", "A", "a b", "../x", "a/b", "a%2f", "x" * 65, "é"])
def test_what_is_no_code_is_not_found(value: str) -> None:
    assert fill(CODE, {"code": "client_secret_expired"}) == "/auth/error-words/client_secret_expired"
    with pytest.raises(NotFound):
        fill(CODE, {"code": value})


@pytest.mark.parametrize("value", ["..", ID[:-1], f"{{{ID}}}"])
def test_what_is_no_credential_is_not_found(value: str) -> None:
    with pytest.raises(NotFound):
        fill(Way("DELETE", "auth", "/auth/apps/{id}/credentials/{cid}"), {"id": ID, "cid": value})
