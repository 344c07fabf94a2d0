from __future__ import annotations

import ast
import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

import flovify
from flovify.api.settings import WorkerSettings
from flovify.common.https_proxy import read_proxy
from flovify.common.setting_sources import shown_settings
from flovify.common.settings import SettingError, load

SOURCES = Path(flovify.__file__).parent
PASSWORD = "s3cret-canary"
ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@localhost/f",
    "SERVICE_SECRET": "a-service-secret-of-tests",
    "MS365_WEBHOOK_URL": "https://hooks.example.com/api/ms365/webhook",
    "MS365_CLIENT_STATE": "a-client-state-of-tests",
    "AUDIT_KEY": "an-audit-key-of-tests",
}
# Who opens connections of its own. A new name here needs a reason: all others take `common.outbound`'s sessions.
OPENERS = {
    "common/http.py",
    "bff/proxy/upstream.py",  # to auth and api, which the settings name, in streams without a total deadline
    "cli/bench/end_to_end.py",  # a benchmark, to the installation it has made itself
}
UNGUARDED = {"common/outbound.py", "sandbox/subscriptions/service.py"}


@pytest.mark.parametrize(
    ("given", "url", "login"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", ""),
        ("http://proxy.example:3128/", "http://proxy.example:3128", ""),
        ("https://proxy.example", "https://proxy.example:443", ""),
        (f"http://me:{PASSWORD}@proxy.example:3128", "http://proxy.example:3128", f"me:{PASSWORD}"),
        ("http://me:p%40%3A%2F@[2001:db8::1]:3128", "http://[2001:db8::1]:3128", "me:p@:/"),
    ],
)
def test_address_and_login_are_told_apart(given: str, url: str, login: str) -> None:
    found = read_proxy(SecretStr(given))
    assert found is not None
    assert found.url == url
    expected = "Basic " + base64.b64encode(login.encode()).decode() if login else ""
    assert found.authorization.get_secret_value() == expected


def test_without_the_setting_there_is_no_proxy() -> None:
    assert read_proxy(load(WorkerSettings, ENVIRON).flovify_https_proxy) is None


@pytest.mark.parametrize(
    "given",
    [
        "proxy.example:3128",
        "socks5://proxy.example:1080",
        f"http://me:{PASSWORD}@",
        f"http://me:{PASSWORD}@proxy.example:99999",
        f"http://me:{PASSWORD}@proxy.example:3128/path",
        f"http://me:{PASSWORD}@proxy.example:3128?x=1",
        f"http://me:{PASSWORD}@proxy.example:3128#x",
        f"http://m%3Ae:{PASSWORD}@proxy.example:3128",
        f"http://me:{PASSWORD}%0d%0aX:y@proxy.example:3128",
        f"http://me:{PASSWORD}%ff@proxy.example:3128",
        f"http://me:{PASSWORD} @proxy.example:3128",
    ],
)
def test_what_is_no_proxy_is_refused_by_name_without_its_value(given: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(WorkerSettings, {**ENVIRON, "FLOVIFY_HTTPS_PROXY": given})
    text = str(caught.value)
    assert text.startswith("FLOVIFY_HTTPS_PROXY must look like http://proxy.example:3128")
    assert PASSWORD not in text


def test_the_password_is_shown_nowhere() -> None:
    environ = {**ENVIRON, "FLOVIFY_HTTPS_PROXY": f"http://me:{PASSWORD}@proxy.example:3128"}
    settings = load(WorkerSettings, environ)
    listed = [one for one in shown_settings(settings, environ) if one.name == "FLOVIFY_HTTPS_PROXY"]
    assert [(one.secret, one.is_set, one.value) for one in listed] == [(True, True, None)]
    encoded = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    for text in (repr(settings), str(settings.summary()), repr(read_proxy(settings.flovify_https_proxy))):
        assert PASSWORD not in text
        assert encoded not in text


def test_nobody_opens_connections_beside_the_guarded_sessions() -> None:
    called = {
        name: set[str]() for name in ("ClientSession", "TCPConnector", "create_session", "open_connection", "SMTP")
    }
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                called.get(name, set()).add(path.relative_to(SOURCES).as_posix())
    assert called["ClientSession"] | called["TCPConnector"] == OPENERS
    assert called["create_session"] == UNGUARDED
    # Our own public addresses, looked at from outside, the stand-in, the supervisor's own children, and a benchmark.
    assert called["open_connection"] == {
        "api/system/webhook.py",
        "cli/bench/openloop.py",
        "cli/doctor/checks_addresses.py",
        "cli/up/asking.py",
        "sandbox/proxy/connect.py",
    }
    # The mail server that the settings name, for alerts; and a benchmark, to its own sandbox.
    assert called["SMTP"] == {"api/alerts/ways.py", "cli/bench/end_to_end.py"}


def test_only_the_queue_s_engines_have_drivers_of_their_own() -> None:
    drivers: dict[str, set[str]] = {"redis": set(), "aio_pika": set()}
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in [*names, (node.module or "") if isinstance(node, ast.ImportFrom) else ""]:
                drivers.get(name.partition(".")[0], set()).add(path.relative_to(SOURCES).as_posix())
    # To the address that QUEUE_URL names.
    assert drivers == {"redis": {"api/intake_log/redis_streams.py"}, "aio_pika": {"api/intake_log/rabbitmq.py"}}


def test_no_call_looks_at_the_environment_s_proxies_or_follows_redirects() -> None:
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.keyword) and node.arg in {"trust_env", "allow_redirects"}:
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, f"{path}:{node.value.lineno}"
