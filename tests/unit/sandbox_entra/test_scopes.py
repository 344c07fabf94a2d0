from __future__ import annotations

import pytest

from flovify.sandbox.entra.errors import EntraError
from flovify.sandbox.entra.scopes import WORDS, graph_scopes, read_scopes

RESOURCE = "https://graph.microsoft.com/"


def test_scopes_come_by_their_proper_names_once_each() -> None:
    text = "OPENID  https://graph.microsoft.com/mail.read Mail.Read\thttps://GRAPH.microsoft.com/User.Read"
    assert read_scopes(text, RESOURCE) == ("openid", "Mail.Read", "User.Read")


def test_default_may_stand_beside_the_openid_scopes() -> None:
    found = read_scopes("https://graph.microsoft.com/.default offline_access openid", RESOURCE)
    assert found == (".default", "offline_access", "openid")
    assert graph_scopes(found) == [".default"]


@pytest.mark.parametrize(
    "text", ["Mail.Nothing", "https://graph.microsoft.com/", "https://outlook.office.com/Mail.Read"]
)
def test_what_graph_does_not_offer_is_refused_by_name(text: str) -> None:
    with pytest.raises(EntraError) as refused:
        read_scopes(f"openid {text}", RESOURCE)
    assert (refused.value.error, refused.value.number) == ("invalid_scope", 70011)
    assert text in refused.value.text


@pytest.mark.parametrize("text", ["", "   "])
def test_no_scope_at_all_is_a_missing_parameter(text: str) -> None:
    with pytest.raises(EntraError) as refused:
        read_scopes(text, RESOURCE)
    assert (refused.value.error, refused.value.number) == ("invalid_request", 900144)


def test_every_scope_is_explained_in_words() -> None:
    assert all(words and words[0].isupper() for words in WORDS.values())
