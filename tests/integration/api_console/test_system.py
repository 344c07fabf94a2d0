"""`/api/system` and the workers' signs of life."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from flovify import __version__
from flovify.api.system.heartbeat import Heartbeat, tidy_task
from flovify.api.system.store import SystemStore
from flovify.api.system.webhook import WebhookCheckRun
from flovify.common.clock import SystemClock
from flovify.common.db import Pool
from tests.integration.api_graph.running import Api
from tests.support.net import free_ports
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/system"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def test_the_state_tells_versions_settings_tasks_and_no_secret(api: Api, pool: Pool) -> None:
    tidying = tidy_task(pool)
    while not await tidying.run_if_due():
        continue
    answer = await api.call("GET", PATH, role="operator")
    assert answer.status == 200
    body = answer.body
    assert body["version"] == __version__
    assert re.fullmatch(r"0\.1\.\d+", body["schema_version"])
    assert body["database"]["ok"] is True
    assert 0 < body["database"]["latency_ms"] < 5000
    assert abs(body["clock_skew_seconds"]) < 5
    assert body["queue"] == {"waiting": 0, "dead": 0, "oldest_seconds": 0}
    assert [task["name"] for task in body["periodic_tasks"] if task["last_finished_at"]] == ["tidy_console"]
    settings = {one["name"]: one for one in body["settings"]}
    assert settings["SERVICE_SECRET"] | {"description": ""} == {
        "name": "SERVICE_SECRET", "value": None, "secret": True, "is_set": True, "source": "default", "description": "",
    }  # fmt: skip
    assert settings["DATABASE_URL"]["value"] is None
    assert settings["MICROSOFT_GRAPH_URL"]["value"] == api.deps.settings.microsoft_graph_url
    for secret in ("database_url", "service_secret", "ms365_client_state"):
        assert getattr(api.deps.settings, secret).get_secret_value().encode() not in answer.content


async def test_a_worker_gives_signs_of_life_until_it_ends(api: Api, pool: Pool) -> None:
    stop = asyncio.Event()
    beating = asyncio.create_task(Heartbeat(SystemStore(pool), SystemClock(), "host:7", lambda: 3).run(stop))

    async def seen() -> bool:
        workers = (await api.call("GET", PATH, role="operator")).body["workers"]
        return [(one["name"], one["in_flight"], one["alive"]) for one in workers] == [("host:7", 3, True)]

    await until(seen, 10, "the worker's row")
    await pool.execute("UPDATE api.workers SET last_seen_at = last_seen_at - interval '31 seconds'")
    assert (await api.call("GET", PATH, role="operator")).body["workers"][0]["alive"] is False
    stop.set()
    await asyncio.wait_for(beating, 10)
    assert (await api.call("GET", PATH, role="operator")).body["workers"] == []


async def test_the_webhook_is_checked_as_microsoft_does_and_the_outcome_kept(api: Api) -> None:
    answer = await api.call("POST", f"{PATH}/check-webhook", role="operator")
    assert answer.status == 200
    assert answer.body["ok"] is True
    states = {step["name"]: step["state"] for step in answer.body["steps"]}
    assert states == {"dns": "ok", "connection": "ok", "tls": "skipped", "answer": "ok"}
    kept = (await api.call("GET", PATH, role="operator")).body["webhook_checked"]
    assert (kept["ok"], kept["detail"]) == (True, answer.body["detail"])
    overview = (await api.call("GET", "/api/overview", role="viewer")).body
    assert next(item["state"] for item in overview["health"] if item["name"] == "public_url") == "ok"
    entry = (await api.call("GET", "/api/audit?action=webhook.checked")).body["items"][0]
    assert entry["outcome"] == "success"


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def redirects(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


async def says_hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def gives_html(request: web.Request) -> web.Response:
    return web.Response(text=request.query["validationToken"], content_type="text/html")


async def is_behind_a_login(_request: web.Request) -> web.Response:
    return web.Response(status=401)


async def is_a_proxy_to_nowhere(_request: web.Request) -> web.Response:
    return web.Response(status=502)


@pytest.mark.parametrize(
    ("handler", "path", "words"),
    [
        (redirects, "/hook", "does not follow"),
        (says_hello, "/hook", "something else listens there"),
        (gives_html, "/hook", "text/html"),
        (is_behind_a_login, "/hook", "sign-in"),
        (is_a_proxy_to_nowhere, "/hook", "does not reach Flovify"),
        (says_hello, "/other", "does not know /other"),
    ],
)
async def test_what_is_wrong_with_the_answer_is_said_in_words(
    api: Api, handler: Handler, path: str, words: str
) -> None:
    async with serving(handler) as url:
        run = WebhookCheckRun(api.http, url + path)
        assert await run.run() is False
    assert (run.steps[-1].name, run.steps[-1].state) == ("answer", "failed")
    assert words in run.steps[-1].detail


async def test_a_name_a_port_and_a_certificate_that_fail_are_told_apart(api: Api) -> None:
    (closed,) = free_ports(1)
    cases = {
        "https://name.invalid/hook": ("dns", "cannot be resolved"),
        f"http://127.0.0.1:{closed}/hook": ("connection", f"Port {closed} cannot be reached"),
        api.public.replace("http:", "https:") + "/hook": ("tls", "TLS handshake failed"),
    }
    for url, (name, words) in cases.items():
        run = WebhookCheckRun(api.http, url)
        assert await run.run() is False, url
        failed = [step for step in run.steps if step.state == "failed"]
        assert [step.name for step in failed] == [name], url
        assert words in failed[0].detail, failed
        assert run.steps[-1].state == "skipped"


async def test_it_needs_an_operator(api: Api) -> None:
    for method, path in (("GET", PATH), ("POST", f"{PATH}/check-webhook")):
        assert (await api.call(method, path, role="viewer")).status == 403
        assert (await api.call(method, path, role=None)).status == 401


async def test_the_document_names_each_operation_once_and_describes_failures(api: Api) -> None:
    document = (await api.call("GET", "/api/openapi.json", role=None)).body
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]+", name) for name in names)
    for one in operations:
        for status in ("422", "4XX", "5XX"):
            schema = one["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, (one["operationId"], status)
    assert "HTTPValidationError" not in document["components"]["schemas"]
