from __future__ import annotations

import pytest

from tests.integration.bff.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="session")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PATH = "/bff/api/ms365/subscriptions"

# Each as another site's page could have it made by the browser of somebody who is signed in.
SHAPES: dict[str, tuple[str, str, dict[str, str]]] = {
    "form post": ("POST", PATH, {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}),
    "text/plain with JSON in it": ("POST", PATH, {"Content-Type": "text/plain", "X-Flovify": "1"}),
    "multipart": ("POST", PATH, {"Content-Type": MULTIPART, "X-Flovify": "1"}),
    "no header": ("POST", PATH, {"Content-Type": JSON, "Sec-Fetch-Site": "same-origin"}),
    "wrong header value": ("POST", PATH, {"Content-Type": JSON, "X-Flovify": "true"}),
    "sibling subdomain": ("POST", PATH, {"Content-Type": JSON, "X-Flovify": "1", "Sec-Fetch-Site": "same-site"}),
    "cross-site fetch": ("POST", PATH, {"Content-Type": JSON, "X-Flovify": "1", "Sec-Fetch-Site": "cross-site"}),
    "null origin": ("POST", PATH, {"Content-Type": JSON, "X-Flovify": "1", "Origin": "null"}),
    "another port's origin": ("POST", PATH, {"Content-Type": JSON, "X-Flovify": "1", "Origin": "http://localhost:1"}),
    "typed into the address bar": ("DELETE", PATH + "/{id}", {"X-Flovify": "1", "Sec-Fetch-Site": "none"}),
    "no metadata and no header": ("DELETE", PATH + "/{id}", {}),
    "image": ("GET", "/bff/api/messages", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}),
    "JSONP from a sibling": ("GET", "/bff/session", {"Sec-Fetch-Site": "same-site"}),
    "body without a type": ("POST", PATH, {"X-Flovify": "1", "Content-Type": ""}),
    "sign-out by form": ("DELETE", "/bff/session", {"Sec-Fetch-Site": "cross-site"}),
    "sign-in by form": ("POST", "/bff/session", {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}),
}
ID = "6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d"


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_forged_request_is_refused_and_has_no_effect(door: Door, shape: str) -> None:
    method, path, headers = SHAPES[shape]
    held = await door.sign_in()
    door.forget()
    body = b'{"tenant_id": "x"}' if method == "POST" else None
    options = {"headers": {"Cookie": held["Cookie"], **headers}, "data": body}
    status, answer = await door.call(method, path.replace("{id}", ID), **options)
    assert (status, answer["code"]) == (403, "csrf_refused")
    assert "X-Flovify: 1" in answer["detail"]
    assert door.auth.seen == door.api.seen == []
    assert (await door.call("GET", "/bff/session", headers=held))[0] == 200


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_a_method_override_changes_nothing(door: Door, header: str) -> None:
    held = await door.sign_in()
    door.forget()
    await door.call("GET", f"{PATH}/{ID}", headers={"Cookie": held["Cookie"], header: "DELETE"})
    assert [(one.method, header.lower() in one.headers) for one in door.api.seen] == [("GET", False)]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE"])
async def test_other_methods_reach_nobody(door: Door, method: str) -> None:
    held = await door.sign_in()
    door.forget()
    for path in ("/bff/session", "/bff/api/messages"):
        async with door.http.request(method, f"{door.url}{path}", headers=held) as answer:
            assert answer.status == 405
            assert answer.headers["Allow"]
    assert door.auth.seen == door.api.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:{port}"},
        {},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
)
async def test_the_console_and_programs_are_let_through(door: Door, headers: dict[str, str]) -> None:
    held = await door.sign_in()
    sent = {"Content-Type": JSON, **{name: value.replace("{port}", str(door.port)) for name, value in headers.items()}}
    assert (await door.call("POST", PATH, data=b"{}", headers={**held, **sent}))[0] == 200
