from __future__ import annotations

import asyncio
import email.message
import os
import re
import shutil
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from flovify.sandbox.smtp.server import MAX_MESSAGE_BYTES
from tests.integration.sandbox_tls.edges import SALES, SUPPORT, Edges, edges

T = TypeVar("T")
SENDER = "someone@example.org"


async def _with_client(made: Edges, work: Callable[[smtplib.SMTP], T]) -> T:
    def run() -> T:
        with smtplib.SMTP("127.0.0.1", made.settings.flovify_sandbox_smtp_port, timeout=30) as client:
            return work(client)

    return await asyncio.to_thread(run)


async def _raw(made: Edges, sent: bytes, *, eof: bool = True) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.settings.flovify_sandbox_smtp_port)
    try:
        writer.write(sent)
        if eof:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def _session(data: bytes) -> bytes:
    return b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<%b>\r\nDATA\r\n%b\r\n.\r\nQUIT\r\n" % (SALES.encode(), data)


async def test_each_recipient_gets_the_bytes_exactly_as_sent(tmp_path: Path) -> None:
    raw = b"Subject: =?utf-8?q?x?=\r\n\r\n.dots\r\n..more\r\n\tend \r\n"
    async with edges(tmp_path) as made:
        refused = await _with_client(made, lambda c: c.sendmail(SENDER, [SALES, SUPPORT], raw))
        assert refused == {}
        assert made.clouds.delivered == [(SALES, raw), (SUPPORT, raw)]


async def test_an_address_given_twice_gets_one_copy(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        await _with_client(made, lambda c: c.sendmail(SENDER, [SALES, SALES.upper()], b"x\r\n"))
        assert [address for address, _ in made.clouds.delivered] == [SALES]


async def test_an_unknown_mailbox_is_refused_and_the_others_are_served(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        refused = await _with_client(made, lambda c: c.sendmail(SENDER, ["nobody@contoso.example", SALES], b"x\r\n"))
        code, text = refused["nobody@contoso.example"]
        assert code == 550
        assert text.startswith(b"5.1.1 ")
        assert b"/_sandbox/mailboxes" in text
        assert [address for address, _ in made.clouds.delivered] == [SALES]


async def test_a_message_announced_as_too_large_is_refused_at_once(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        size = MAX_MESSAGE_BYTES + 1

        def announce(client: smtplib.SMTP) -> tuple[int, bytes]:
            client.ehlo()
            return client.mail(SENDER, [f"size={size}"])

        assert (await _with_client(made, announce))[0] == 552


async def test_a_message_that_is_too_large_is_refused_after_its_data(tmp_path: Path) -> None:
    def send(client: smtplib.SMTP) -> int:
        client.helo()
        try:
            client.sendmail(SENDER, [SALES], (b"x" * 998 + b"\r\n") * (MAX_MESSAGE_BYTES // 1000 + 1))
        except smtplib.SMTPDataError as error:
            return error.smtp_code
        return 250

    async with edges(tmp_path) as made:
        assert await _with_client(made, send) == 552
        assert made.clouds.delivered == []


async def test_a_line_of_megabytes_is_taken_whole(tmp_path: Path) -> None:
    raw = b"Subject: long\r\n\r\n" + b"y" * 3_000_000 + b"\r\n"
    async with edges(tmp_path) as made:
        await _with_client(made, lambda c: c.sendmail(SENDER, [SALES], raw))
        assert made.clouds.delivered == [(SALES, raw)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x00nul\x00 and \xff\xfe eight bits",
        b"bare\nline feed",
        b"bare\rreturn",
        b"smuggling\n.\nMAIL FROM:<a@b.example>",
        b"smuggling\r.\rMAIL FROM:<a@b.example>",
        b"",
    ],
)
async def test_strange_bytes_arrive_unchanged_as_one_message(tmp_path: Path, data: bytes) -> None:
    async with edges(tmp_path) as made:
        answer = await _raw(made, _session(data))
        assert b"250 2.0.0 OK" in answer
        assert answer.rstrip().splitlines()[-1].startswith(b"221 ")
        assert made.clouds.delivered == [(SALES, data + b"\r\n")]


async def test_a_connection_cut_within_the_data_delivers_nothing(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        await _raw(made, _session(b"half").partition(b"\r\n.\r\n")[0])
        await _raw(made, _session(b"half\r\nmore").partition(b"\r\nmore")[0] + b"\r\n")
        assert made.clouds.delivered == []


async def test_a_mailbox_store_that_fails_makes_the_sender_try_again(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        made.clouds.error = RuntimeError("full")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await _with_client(made, lambda c: c.sendmail(SENDER, [SALES], b"x\r\n"))
        assert refused.value.smtp_code == 451
        assert "full" not in str(refused.value)
        made.clouds.error = None
        await _with_client(made, lambda c: c.sendmail(SENDER, [SALES], b"x\r\n"))


async def test_international_addresses_and_subjects_are_taken(tmp_path: Path) -> None:
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "jürgen@example.org", "grüße@contoso.example", "Grüße"
    message.set_content("süß")
    async with edges(tmp_path) as made:
        made.clouds.add_mailbox("grüße@contoso.example")
        await _with_client(made, lambda c: c.send_message(message))
        ((address, raw),) = made.clouds.delivered
        assert address == "grüße@contoso.example"
        assert "Subject: Grüße".encode() in raw


async def test_an_undecodable_address_is_refused_and_the_connection_goes_on(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        answer = await _raw(
            made, b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<\xff\xfe@b.example>\r\nNOOP\r\nQUIT\r\n"
        )
        assert b"\r\n550 5.1.1 " in answer
        assert b"\r\n221 " in answer


async def test_fifty_senders_at_once_each_deliver_once(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        bodies = [f"Subject: {number}\r\n\r\n".encode() for number in range(50)]
        await asyncio.gather(*(_raw(made, _session(body.rstrip())) for body in bodies))
        assert sorted(raw for _, raw in made.clouds.delivered) == sorted(body.rstrip() + b"\r\n" for body in bodies)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_a_stock_client_can_send(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: from curl\r\n\r\n.hidden\r\nbody\r\n")
    async with edges(tmp_path / "data") as made:
        process = await asyncio.create_subprocess_exec(
            "curl",
            "-sS",
            f"smtp://127.0.0.1:{made.settings.flovify_sandbox_smtp_port}",
            "--mail-from",
            SENDER,
            "--mail-rcpt",
            SALES,
            "--mail-rcpt",
            SUPPORT,
            "--upload-file",
            str(mail),
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
        assert made.clouds.delivered == [(SALES, mail.read_bytes()), (SUPPORT, mail.read_bytes())]


async def test_an_idle_client_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with edges(tmp_path) as made:
        reader, writer = await asyncio.open_connection("127.0.0.1", made.settings.flovify_sandbox_smtp_port)
        await reader.readline()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


CORPUS = Path(os.environ.get("MAIL_CORPUS") or Path(__file__).parents[4] / "shared" / "mail")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the mail corpus is not here")
async def test_every_mail_of_the_corpus_arrives_byte_for_byte(tmp_path: Path) -> None:
    sent = []
    for path in sorted(CORPUS.rglob("*.eml")):
        # What a mail client does to a file before it sends it: SMTP lines end with CRLF.
        raw = re.sub(rb"\r\n|\r|\n", b"\r\n", path.read_bytes())
        sent.append(raw if raw.endswith(b"\r\n") else raw + b"\r\n")

    def send_all(client: smtplib.SMTP) -> None:
        for raw in sent:
            client.sendmail(SENDER, [SALES], raw, ["BODY=8BITMIME"])

    async with edges(tmp_path) as made:
        await _with_client(made, send_all)
        arrived = [raw for _, raw in made.clouds.delivered]
    assert len(arrived) == len(sent) > 0
    assert arrived == sent
