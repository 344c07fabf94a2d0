"""The webhook: our own validation of it, and with an account a real subscription's handshake."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from flovify.api.settings import ApiBaseSettings
from flovify.api.system.webhook import ANSWER_SECONDS, STEP_SECONDS, Step, WebhookCheckRun
from flovify.auth.settings import AuthSettings
from flovify.auth.tenants.api_client import TEST_SECONDS, ApiClient
from flovify.cli.doctor.checks_addresses import NO_WAY_OUT
from flovify.cli.doctor.databases import RUN_THERE
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import Check, NotLookedAt, Results, Say, Subject, Unit
from flovify.common.errors import FlovifyError
from flovify.common.outbound import own_session

OWN_SECONDS = 3 * STEP_SECONDS + ANSWER_SECONDS + 1
_MENDS = {
    "dns": "Make a DNS record for the host of MS365_WEBHOOK_URL, or correct that setting.",
    "connection": "Open the port (firewall, port forwarding), and start the proxy in front, or bff.",
    "tls": "Renew the certificate of this host, with its whole chain; see addresses.",
    "answer": "Let the proxy in front pass this path to bff unchanged (docs/deploy.md): no sign-in, no redirect.",
}
_ONLY_FROM_HERE = "asked from this machine, which does not prove that the internet reaches it"


def units(found: Found, account: UUID | None) -> list[Unit]:
    """The machine's own look at each address, and the proof where an account is named."""

    def own(variable: str, url: str) -> Unit:
        async def look(say: Say) -> Results:
            if list(found.environments) == ["bff"] and not found.beside_up:
                raise NotLookedAt(NO_WAY_OUT, "Run `flovify doctor` in the container of api.")
            async with own_session(url) as session:
                run = WebhookCheckRun(session, url, ssl.create_default_context() if url.startswith("https") else None)
                await run.run()
            return [judge_steps(say, run.steps)]

        return Unit(Say(Subject.WEBHOOK, variable), "answers", look, OWN_SECONDS)

    async def proof(say: Say) -> Results:
        if account is None:
            mend = "Run: flovify doctor --account ID, with the id of a connected one (flovify tenants list)."
            raise NotLookedAt("no account was named, so Microsoft was not asked to call the webhook", mend)
        return await _proof(say, found, account)

    urls = {name: found.value(name, "api", "worker", "bff") for name in ("MS365_WEBHOOK_URL", "MS365_LIFECYCLE_URL")}
    given = [own(name, url) for name, url in urls.items() if url.startswith("http")]
    return [*given, Unit(Say(Subject.WEBHOOK, "from outside"), "handshake", proof, TEST_SECONDS)]


def judge_steps(say: Say, steps: list[Step]) -> Check:
    """The first step that failed, each with a mend of its own."""
    failed = next((step for step in steps if step.state == "failed"), None)
    if failed is not None:
        return say.failed(f"webhook_{failed.name}", failed.detail, _MENDS[failed.name])
    return say.ok("answers", f"answers a validation as Microsoft needs it; {_ONLY_FROM_HERE}")


def judge_line(say: Say, line: dict[str, object]) -> Check:
    """A line of the connection test, as the api says it."""
    step, told = str(line.get("step", "")), line.get("words")
    words = told if isinstance(told, dict) else {}
    cause, action = str(words.get("cause") or told or ""), str(words.get("action") or "")
    if line.get("status") == "failed":
        return say.failed(step, cause or str(line.get("code")), action or "See docs/connecting.md, Errors.")
    if line.get("status") == "skipped":
        return say.skipped(step, cause or "not tried", action)
    proven = "Microsoft called the webhook, and it answered" if step == "validation" else "done"
    return say.ok(step, proven)


async def _proof(say: Say, found: Found, account: UUID) -> Results:
    checks: list[Check] = []
    async with _api(found) as client:
        try:
            told = client.test_tenant(account)
            checks.extend([judge_line(say, line) async for line in told if not line.get("done")])
        except FlovifyError as error:
            mend = "See processes; and `flovify tenants list` for the id."
            checks.append(say.failed("handshake", error.detail, mend))
    return checks


@asynccontextmanager
async def _api(found: Found) -> AsyncIterator[ApiClient]:
    """The api's internal listener: auth knows where it is, and beside the api it is on this machine."""
    auth, api = found.of(AuthSettings, "auth"), found.of(ApiBaseSettings, "api")
    if auth is not None:
        base, secret = auth.api_service_url, auth.service_secrets[0]
    elif api is not None:
        port = found.value("FLOVIFY_API_INTERNAL_PORT", "api") or "8012"
        base, secret = f"http://127.0.0.1:{port}", api.service_secrets[0]
    else:
        raise NotLookedAt("SERVICE_SECRET and the api's address are not here", RUN_THERE.format(service="auth"))
    async with own_session(base) as session:
        yield ApiClient(session, base, secret)
