from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.api.graph.paging import check_link
from flovify.api.providers.errors import ProviderBadRequest

BASE = "https://graph.microsoft.com/v1.0"


@pytest.mark.parametrize(
    "link",
    [
        f"{BASE}/me/messages?$skip=10",
        f"{BASE}/users/x/mailFolders('inbox')/messages/delta?$skiptoken=a%2Fb..c",
        "https://graph.microsoft.com:443/v1.0/me",
        "https://GRAPH.microsoft.com/v1.0/me",
    ],
)
def test_links_to_the_same_place_are_followed(link: str) -> None:
    assert check_link(link, BASE) == link


@pytest.mark.parametrize(
    "link",
    [
        "http://graph.microsoft.com/v1.0/me",
        "https://graph.microsoft.com.evil.example/v1.0/me",
        "https://evil.example/v1.0/me",
        "https://graph.microsoft.com:444/v1.0/me",
        "https://graph.microsoft.com@evil.example/v1.0/me",
        "https://user:pw@graph.microsoft.com/v1.0/me",
        "https://graph.microsoft.com/beta/me",
        "https://graph.microsoft.com/v1.0evil/me",
        "https://graph.microsoft.com/v1.0/../beta/me",
        "https://graph.microsoft.com/v1.0/%2e%2e/beta/me",
        "https://graph.microsoft.com/v1.0/%252e%252e/beta",
        "https://graph.microsoft.com/v1.0/..%5cbeta",
        "https://graph.microsoft.com\\@evil.example/v1.0/me",
        "https://graph.microsoft.com/v1.0/me#x",
        "https://graph.microsoft.com:99999/v1.0/me",
        " https://graph.microsoft.com/v1.0/me",
        "https://graph.microsoft.com/v1.0/me\r\nX: y",
        "//evil.example/v1.0/me",
        "/v1.0/me",
        "",
        None,
        5,
        "https://[::1/v1.0/me",
    ],
)
def test_links_elsewhere_are_refused(link: object) -> None:
    with pytest.raises(ProviderBadRequest):
        check_link(link, BASE)


@given(st.text(max_size=100))
def test_no_text_makes_it_fail_otherwise(link: str) -> None:
    with pytest.raises(ProviderBadRequest):
        check_link(link, BASE)
