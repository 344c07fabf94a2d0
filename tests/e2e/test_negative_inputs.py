"""Odd and hostile requests to the webhook at the one public address, over real sockets.

Each is answered as it should be, none with a 5xx, and genuine mail still comes in afterwards. What needs a
subscription's own secret is in tests/integration/api_flow/test_webhook.py, what takes time in
tests/integration/common/test_listeners.py.
"""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import House
from tests.e2e.raw import answer_to
from tests.support.mail import simple_mail

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATH = b"/api/ms365/webhook"
HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
NOTHING = b'{"value":[]}'
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def request(
    extra: bytes = b"",
    body: bytes = NOTHING,
    *,
    method: bytes = b"POST",
    target: bytes = PATH,
    host: bytes = HOST,
    content_type: bytes = JSON,
    length: bool = True,
) -> bytes:
    counted = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"%b %b HTTP/1.1\r\n%b%b%b%b\r\n%b" % (method, target, host, content_type, counted, extra, body)


def _query(text: bytes) -> bytes:
    return request(body=b"", target=PATH + b"?validationToken=" + text)


def _type(value: bytes) -> bytes:
    return request(content_type=b"Content-Type: " + value + b"\r\n" if value else b"")


def _deep(levels: int) -> bytes:
    return b'{"value":' + b"[" * levels + b"]" * levels + b"}"


CASES: dict[str, tuple[bytes, set[int]]] = {
    "token: script": (_query(b"%3Cscript%3Ealert(1)%3C/script%3E"), {400}),
    "token: empty": (_query(b""), {400}),
    "token: twice": (_query(b"a&validationToken=b"), {400}),
    "token: long": (_query(b"a" * 5000), {400}),
    "token: NUL": (_query(b"a%00b"), {400}),
    "token: header": (_query(b"a%0d%0aSet-Cookie:x=1"), {400}),
    "token: bytes": (_query(b"%ff%fe"), {400}),
    "token: good": (_query(b"a%20b%2Bc+d"), {200}),
    "body: empty": (request(body=b""), {400}),
    "body: null": (request(body=b"null"), {400}),
    "body: list": (request(body=b"[]"), {400}),
    "body: object": (request(body=b"{}"), {400}),
    "body: value null": (request(body=b'{"value":null}'), {400}),
    "body: value 2": (request(body=b'{"value":2}'), {400}),
    "body: value object": (request(body=b'{"value":{}}'), {400}),
    "body: deep 500": (request(body=_deep(500)), {202, 400}),
    "body: deep 2,000": (request(body=_deep(2000)), {202, 400}),
    "body: deep 200,000": (request(body=_deep(200_000)), {202, 400}),
    "body: deep unknown field": (request(body=b'{"value":[],"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), {202, 400}),
    "size: one byte more": (request(body=b" " * (2**20 + 1)), {413}),
    "size: ten gigabytes": (request(b"Content-Length: 10000000000\r\n", b"", length=False), {413}),
    "size: header of 100 kB": (request(b"X: " + b"a" * 100_000 + b"\r\n"), {431}),
    "size: 10,000 headers": (request(b"".join(b"X-%d: a\r\n" % number for number in range(10_000))), {431}),
    "size: address of 10 kB": (request(target=PATH + b"?" + b"a" * 10_000), {414}),
    "type: no type": (_type(b""), {415}),
    "type: text": (_type(b"text/plain"), {415}),
    "type: XML": (_type(b"application/xml"), {415}),
    "type: UTF-16": (_type(b"application/json; charset=utf-16"), {415}),
    "type: form": (_type(b"multipart/form-data; boundary=x"), {415}),
    "body: UTF-16": (request(body='{"value":[]}'.encode("utf-16")), {400}),
    "body: BOM": (request(body=b"\xef\xbb\xbf" + NOTHING), {400}),
    "body: no UTF-8": (request(body=b'{"value":["\xff"]}'), {400}),
    "body: two documents": (request(body=NOTHING * 2), {400}),
    "body: NaN": (request(body=b'{"value":[NaN]}'), {400}),
    "body: 5,000 digits": (request(body=b'{"value":[' + b"9" * 5000 + b"]}"), {400}),
    "body: 1,001 items": (request(body=json.dumps({"value": [{}] * 1001}).encode()), {400}),
    **{
        f"method: {name}": (request(method=name.encode()), {405})
        for name in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "GET", "HEAD")
    },
    "framing: length and chunks": (request(CHUNKED, b"0\r\n\r\n"), {400}),
    "framing: two lengths": (request(b"Content-Length: 3\r\n"), {400}),
    "framing: signed length": (request(b"Content-Length: +12\r\n", length=False), {400}),
    "framing: unknown coding": (request(b"Transfer-Encoding: xchunked\r\n", length=False), {400}),
    "framing: folded": (request(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n", length=False), {400}),
    "framing: space before the colon": (request(b"Content-Length : 12\r\n", length=False), {400}),
    "framing: bare LF": (request().replace(b"\r\n", b"\n"), {400}),
    "framing: NUL": (request(b"X: a\x00b\r\n"), {400}),
    "framing: negative chunk": (request(CHUNKED, b"-1\r\nabc\r\n0\r\n\r\n", length=False), {400}),
    # An extension means nothing and is thrown away; how much of it may come without any body is limited.
    "chunks: extension of 40 kB": (
        request(CHUNKED, b"c;" + b"x" * 40_000 + b"\r\n" + NOTHING + b"\r\n0\r\n\r\n", length=False),
        {202, 431},
    ),
    "host: no host": (request(host=b""), {400}),
    "host: two hosts": (request(b"Host: localhost\r\n"), {400}),
    "host: another host": (request(host=b"Host: evil.test\r\n"), {421}),
    "host: another host as target": (request(target=b"http://evil.test" + PATH), {400}),
    "host: its own host as target": (request(target=b"http://localhost" + PATH), {202}),
}
# After these nobody can tell where the next request begins.
CLOSED = ("size:", "framing:", "host: two hosts")


async def test_each_is_answered_as_it_should_be_and_mail_still_comes(house: House) -> None:
    port = house.stack.ports["FLOVIFY_PORT"]
    wrong = {}
    for name, (raw, allowed) in CASES.items():
        answer = await answer_to(port, raw)
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        if status not in allowed or b"set-cookie" in answer.lower() or b"<script>" in answer:
            wrong[name] = answer[:200]
    assert wrong == {}
    mailbox = await house.connected()
    await house.stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    assert len(await house.stack.wait_stored(mailbox.tenant_id, 1)) == 1


async def test_exactly_one_answer_comes_and_then_the_end_where_requests_cannot_be_told_apart(house: House) -> None:
    port = house.stack.ports["FLOVIFY_PORT"]
    behind = request(method=b"GET", target=b"/bff/health")
    for name, (raw, _) in CASES.items():
        if name.startswith(CLOSED):
            answer = await answer_to(port, raw + behind, until_closed=True)
            assert answer.count(b"HTTP/1.1 ") == 1, (name, answer[:400])
