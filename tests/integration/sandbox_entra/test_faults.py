from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import pytest

from tests.integration.sandbox_entra.client import SALES, Entra

TOKEN_PATH = "/common/oauth2/v2.0/token"
TRIES = 2  # aiohttp tries an idempotent call a second time by itself when the connection is lost


async def _fault(entra: Entra, **fault: Any) -> dict[str, Any]:
    made: dict[str, Any] = await entra.control("POST", "/faults", json=fault)
    return made


async def _raw(entra: Entra, method: str, path: str) -> bytes:
    """Everything a socket receives until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", entra.sandbox.port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_fault_answers_so_many_times_and_then_no_more(entra: Entra) -> None:
    headers = {"Retry-After": 7, "X-Note": "asked for"}
    await _fault(entra, path="/v1.0/*", method="get", status=429, times=2, headers=headers)
    for _ in range(2):
        answer = await entra.me("anything")
        assert (answer.status, answer.headers["Retry-After"], answer.headers["X-Note"]) == (429, "7", "asked for")
        assert answer.json["error"]["code"] == "TooManyRequests"
        assert set(answer.json["error"]["innerError"]) == {"date", "request-id"}
    assert (await entra.me("anything")).status == 401
    assert await entra.control("GET", "/faults") == {"items": []}


async def test_a_fault_without_times_stays_until_it_is_removed(entra: Entra) -> None:
    made = await _fault(entra, path="*/discovery/*/keys", status=500)
    other = await _fault(entra, path="/nowhere", status=500)
    for _ in range(3):
        assert (await entra.call("GET", "/common/discovery/v2.0/keys")).status == 500
    assert [one["hits"] for one in (await entra.control("GET", "/faults"))["items"]] == [3, 0]
    assert await entra.control("DELETE", f"/faults?id={made['id']}") == {"removed": 1}
    assert (await entra.call("GET", "/common/discovery/v2.0/keys")).status == 200
    assert [one["id"] for one in (await entra.control("GET", "/faults"))["items"]] == [other["id"]]
    assert await entra.control("DELETE", "/faults") == {"removed": 1}


async def test_a_fault_at_the_token_endpoint_has_entras_shape(entra: Entra) -> None:
    tokens = await entra.sign_in()
    await _fault(entra, method="POST", path="*/token", status=503, times=1, headers={"Retry-After": 1.5})
    away = await entra.refresh(tokens["refresh_token"])
    assert (away.status, away.json["error"], away.headers["Retry-After"]) == (503, "temporarily_unavailable", "1.5")
    await _fault(entra, path="*/token", status=400, times=1, body={"error": "invalid_grant", "error_codes": [50076]})
    assert (await entra.refresh(tokens["refresh_token"])).json == {"error": "invalid_grant", "error_codes": [50076]}
    assert (await entra.refresh(tokens["refresh_token"])).status == 200


async def test_probability_lets_some_requests_through(entra: Entra) -> None:
    await _fault(entra, path="/common/discovery/*", status=503, probability=0.5)
    seen = [(await entra.call("GET", "/common/discovery/v2.0/keys")).status for _ in range(40)]
    assert set(seen) == {200, 503}
    await entra.control("DELETE", "/faults")
    await _fault(entra, path="/common/discovery/*", status=503, probability=0)
    assert (await entra.call("GET", "/common/discovery/v2.0/keys")).status == 200


async def test_a_delay_alone_leaves_the_answer_as_it_is(entra: Entra) -> None:
    await _fault(entra, path="/common/discovery/*", delay_ms=300, times=1)
    assert (await entra.call("GET", "/common/discovery/v2.0/keys")).status == 200
    seen = (await entra.control("GET", "/requests?path=/common/discovery/*"))["items"]
    assert seen[-1]["ms"] >= 300


async def test_dropping_before_closes_the_connection_without_a_byte_and_without_effect(entra: Entra) -> None:
    code = await entra.code()
    await _fault(entra, path=TOKEN_PATH, drop="before", times=2)
    assert await _raw(entra, "POST", TOKEN_PATH) == b""
    with pytest.raises(aiohttp.ClientConnectionError):
        await entra.redeem(code)
    assert (await entra.redeem(code)).status == 200
    assert "ASGI callable" not in entra.sandbox.process.output()


async def test_dropping_after_loses_the_answer_but_not_the_effect(entra: Entra) -> None:
    code = await entra.code()
    await _fault(entra, path=TOKEN_PATH, drop="after", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await entra.redeem(code)
    assert (await entra.redeem(code)).json["error_codes"] == [54005]
    seen = (await entra.control("GET", f"/requests?path={TOKEN_PATH}"))["items"]
    assert [bool(one["fault"]) for one in seen] == [True, False]
    assert "ASGI callable" not in entra.sandbox.process.output()


async def test_a_drop_works_over_https_too(entra: Entra) -> None:
    context = ssl.create_default_context(cafile=str(entra.sandbox.data_dir / "sandbox" / "ca.pem"))
    url = f"https://localhost:{entra.sandbox.ports['FLOVIFY_SANDBOX_TLS_PORT']}/common/discovery/v2.0/keys"
    await _fault(entra, path="/common/discovery/*", drop="after", times=TRIES)
    with pytest.raises(aiohttp.ClientConnectionError):
        await entra.http.get(url, ssl=context)
    async with entra.http.get(url, ssl=context) as answer:
        assert answer.status == 200


async def test_a_fault_meets_single_items_of_a_batch(entra: Entra) -> None:
    tokens = await entra.sign_in()
    await _fault(entra, method="GET", path="/v1.0/me/messages", status=503, times=1, headers={"Retry-After": "2"})
    body = {
        "requests": [
            {"id": "1", "method": "GET", "url": "/me/messages"},
            {"id": "2", "method": "GET", "url": "/me"},
        ]
    }
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    answers = (await entra.call("POST", "/v1.0/$batch", json=body, headers=bearer)).json["responses"]
    statuses = {one["id"]: one["status"] for one in answers}
    assert statuses == {"1": 503, "2": 200}
    assert next(one for one in answers if one["id"] == "1")["headers"]["Retry-After"] == "2"


async def test_control_routes_meet_no_fault(entra: Entra) -> None:
    await _fault(entra, status=503)
    assert (await entra.call("GET", "/anything")).status == 503
    assert await entra.control("DELETE", "/faults") == {"removed": 1}


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"path": "/x"},
        {"status": 99},
        {"status": 600},
        {"status": "503"},
        {"status": 503, "times": 0},
        {"status": 503, "probability": 1.5},
        {"status": 503, "delay_ms": -1},
        {"status": 503, "delay_ms": 10**9},
        {"status": 503, "headers": {"X": "a\r\nSet-Cookie: b"}},
        {"status": 503, "headers": {"Bad name": "a"}},
        {"status": 503, "headers": {"Content-Length": "5"}},
        {"status": 503, "headers": {"X": "é"}},
        {"drop": "sometimes"},
        {"drop": "after", "status": 503},
        {"delay_ms": 5, "body": "ignored"},
        {"status": 503, "tmies": 3},
        {"status": 503, "id": "mine"},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(entra: Entra, fault: dict[str, Any]) -> None:
    answer = await entra.call("POST", "/_sandbox/faults", json=fault)
    assert (answer.status, answer.json["code"]) == (422, "invalid_request"), answer.text
    assert await entra.control("GET", "/faults") == {"items": []}


async def test_the_request_log_tells_methods_paths_and_outcomes_and_keeps_no_secret(entra: Entra) -> None:
    tokens = await entra.sign_in(login_hint=SALES)
    await entra.refresh(tokens["refresh_token"])
    await entra.call("GET", "/v1.0/me?access_token=hidden-1&%63ode=hidden-2&x=shown")
    seen = (await entra.control("GET", "/requests"))["items"]
    assert [(one["method"], one["path"], one["status"]) for one in seen] == [
        ("GET", "/common/oauth2/v2.0/authorize", 302),
        ("POST", TOKEN_PATH, 200),
        ("POST", TOKEN_PATH, 200),
        ("GET", "/v1.0/me", 401),
    ]
    assert "access_token=***" in seen[-1]["query"]
    assert seen[-1]["query"].endswith("x=shown")
    whole = str(seen)
    assert "hidden" not in whole
    assert tokens["refresh_token"] not in whole
    only = (await entra.control("GET", "/requests?method=POST&path=*/token"))["items"]
    assert [one["path"] for one in only] == [TOKEN_PATH, TOKEN_PATH]
