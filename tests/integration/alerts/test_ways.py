"""The ways by themselves: what is asked of the mail server before anything is handed to it, and the command."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from flovify.api.alerts.settings import MailServer
from flovify.api.alerts.ways import Mail, NotTaken, Webhook
from flovify.api.alerts.words import trial
from flovify.common.clock import SystemClock
from flovify.sandbox.tls import ca
from tests.integration.alerts.receivers import PASSWORD, USER, Hook, Post
from tests.support.command import flovify
from tests.support.net import free_port

NOTE = trial(SystemClock().now())
TO = ("ops@example.com", "night@example.com")


def way(post: Post, encryption: str, password: str = PASSWORD) -> Mail:
    server = MailServer("localhost", post.port, encryption, USER, password)  # type: ignore[arg-type]
    return Mail(server, "flovify@example.com", TO)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The mail server's, from an authority that this machine trusts for the test."""
    authority = ca.create()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "server.pem").write_bytes(authority.issue(["localhost"]))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


async def test_by_starttls_with_the_password_and_a_wrong_one_is_said(certificate: ssl.SSLContext) -> None:
    post = Post()
    async with post.serving(starttls=certificate):
        assert await way(post, "starttls").send(NOTE) == "taken for 2 of 2 addresses"
        with pytest.raises(NotTaken, match="SMTPAuthenticationError: 535"):
            await way(post, "starttls", "another").send(NOTE)
    assert [mail["Subject"] for mail in post.mails] == ["Flovify: a test of the alerts"]


async def test_by_tls_from_the_start(certificate: ssl.SSLContext) -> None:
    post = Post()
    async with post.serving(tls=certificate):
        server = MailServer("localhost", post.port, "tls")
        assert "2 of 2" in await Mail(server, "flovify@example.com", TO).send(NOTE)


async def test_without_starttls_neither_password_nor_mail_leaves() -> None:
    post = Post()
    nobody = Mail(MailServer("localhost", post.port, "starttls"), "flovify@example.com", TO)
    async with post.serving():
        for one in (way(post, "starttls"), nobody):
            with pytest.raises(NotTaken, match="SMTP"):
                await one.send(NOTE)
        assert (post.logins, post.mails) == ([], [])
        await way(post, "none").send(NOTE)
    assert (len(post.logins), len(post.mails)) == (1, 1), "it would have taken both"


async def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for encryption in ("tls", "starttls"):
        post = Post()
        async with post.serving(**{encryption: certificate}):
            with pytest.raises(NotTaken):
                await way(post, encryption).send(NOTE)
        assert (post.logins, post.mails) == ([], [])


async def test_an_address_that_is_refused_keeps_nothing_from_the_others() -> None:
    post = Post(refuse=TO[1])
    server = MailServer("127.0.0.1", post.port, "none")
    async with post.serving():
        assert await Mail(server, "flovify@example.com", TO).send(NOTE) == "taken for 1 of 2 addresses"
        with pytest.raises(NotTaken, match="SMTPRecipientsRefused"):
            await Mail(server, "flovify@example.com", TO[1:]).send(NOTE)


async def test_nobody_there_is_said_without_the_address() -> None:
    for gone in (Webhook(f"http://127.0.0.1:{free_port()}/s3cret"), way(Post(), "none")):
        with pytest.raises(NotTaken) as caught:
            await gone.send(NOTE)
        assert "s3cret" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)


async def test_the_command_says_what_each_way_answered(tmp_path: Path) -> None:
    hook, post = Hook(), Post()
    env = {
        "FLOVIFY_ALERT_WEBHOOK_URL": f"{hook.origin}/hook",
        "FLOVIFY_ALERT_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
        "FLOVIFY_ALERT_TO": TO[0],
        "FLOVIFY_ALERT_FROM": "flovify@example.com",
    }
    async with hook.serving(), post.serving():
        done = await flovify("alerts", "test", env=env, cwd=tmp_path)
        assert (done.status, done.output) == (
            0,
            "webhook: taken (HTTP 204)\nmail: taken (taken for 1 of 1 addresses)\n",
        )
        hook.status = 500
        done = await flovify("alerts", "test", env=env, cwd=tmp_path)
        assert (done.status, done.output.splitlines()[0]) == (1, "webhook: NOT taken (HTTP 500)")
    assert len(post.mails) == 2
    done = await flovify("alerts", "test", env={}, cwd=tmp_path)
    assert (done.status, "FLOVIFY_ALERT_SMTP_URL" in done.errors) == (78, True)
