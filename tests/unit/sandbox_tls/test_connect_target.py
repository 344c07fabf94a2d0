from __future__ import annotations

import pytest

from flovify.sandbox.proxy.connect import Refused, allowed_target


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "graph.microsoft.com", "GRAPH.Microsoft.COM"])
def test_microsofts_own_names_on_443_are_led_to_the_sandbox(host: str) -> None:
    head = f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode()
    assert allowed_target(head) == f"{host.lower()}:443"


@pytest.mark.parametrize(
    "target",
    [
        "www.microsoft.com:443",
        "example.com:443",
        "graph.microsoft.com:80",
        "graph.microsoft.com:8443",
        "graph.microsoft.com",
        "graph.microsoft.com:",
        "graph.microsoft.com.:443",
        "evil.graph.microsoft.com:443",
        "graph.microsoft.com.evil.example:443",
        "user@graph.microsoft.com:443",
        "127.0.0.1:5432",
        "[::1]:443",
        "localhost:8365",
        "",
    ],
)
def test_any_other_host_or_port_is_forbidden(target: str) -> None:
    with pytest.raises(Refused) as refused:
        allowed_target(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    assert refused.value.status == "403 Forbidden"
    assert "graph.microsoft.com:443" in str(refused.value)


@pytest.mark.parametrize("method", ["GET", "POST", "connect", "OPTIONS"])
def test_nothing_but_connect_is_done(method: str) -> None:
    with pytest.raises(Refused) as refused:
        allowed_target(f"{method} http://graph.microsoft.com/v1.0/me HTTP/1.1\r\n\r\n".encode())
    assert refused.value.status == "403 Forbidden"


@pytest.mark.parametrize(
    "head", [b"\r\n\r\n", b"CONNECT\r\n\r\n", b"\x16\x03\x01\x02\x00\xff\r\n\r\n", b"CONNECT a b c HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_is_a_bad_request(head: bytes) -> None:
    with pytest.raises(Refused) as refused:
        allowed_target(head)
    assert refused.value.status == "400 Bad Request"
