from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flovify.sandbox.mail.mime import Mailbox, MailContent, convert, thread_ids
from tests.unit.sandbox_graph.corpus import corpus_parameters, named_parts, parsed, without_surrogates


def everything(content: MailContent) -> bytes:
    """All that Graph can show of a message, as UTF-8: fails on anything that cannot be written."""
    shown = {
        "text": [content.subject, content.text, content.preview, *content.body("html"), *content.body("text")],
        "people": [(one.name, one.address) for one in (*content.to, *content.cc, *content.bcc, *content.reply_to)],
        "headers": content.headers,
        "attachments": [(one.name, one.content_type, one.content_id) for one in content.attachments],
    }
    encoded = msgspec.json.encode(shown)
    encoded.decode("utf-8")
    return encoded


@pytest.mark.parametrize("path", corpus_parameters())
def test_every_real_mail_converts_and_agrees_with_the_email_parser(path: Path) -> None:
    raw = path.read_bytes()
    content = convert(raw)
    reference = parsed(raw)

    everything(content)
    assert content.subject == without_surrogates(str(reference["subject"] or ""))
    authors = [content.author] if content.author else []
    assert _shown(authors) == _expected(reference, "from")[:1]
    for name, found in (("to", content.to), ("cc", content.cc), ("reply-to", content.reply_to)):
        assert _shown(found) == _expected(reference, name)


def _shown(mailboxes: Sequence[Mailbox]) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in mailboxes]


def _expected(reference: EmailMessage, name: str) -> list[tuple[str, str]]:
    """As the parser has it, with the address in place of a missing name, as Graph does."""
    header = reference[name]
    pairs = [(one.display_name or one.addr_spec, one.addr_spec) for one in header.addresses] if header else []
    return [(without_surrogates(shown), without_surrogates(address)) for shown, address in pairs]


@pytest.mark.parametrize("path", corpus_parameters())
def test_dates_agree_with_the_email_parser(path: Path) -> None:
    raw = path.read_bytes()
    header = parsed(raw)["date"]
    expected = header.datetime if header is not None else None
    if expected is not None:
        expected = expected.replace(tzinfo=UTC) if expected.tzinfo is None else expected.astimezone(UTC)
    assert convert(raw).sent_at == expected


@pytest.mark.parametrize("path", corpus_parameters())
def test_named_attachments_agree_with_the_email_parser(path: Path) -> None:
    raw = path.read_bytes()
    expected = list(named_parts(parsed(raw), "\r\n" if b"\r\n" in raw else "\n"))
    found = [(one.name, len(one.content)) for one in convert(raw).attachments]
    names = {name for name, _ in expected}
    assert sorted(one for one in found if one[0] in names) == sorted(expected)


@given(st.binary(max_size=3000))
@settings(max_examples=100)
def test_no_bytes_make_the_conversion_fail(raw: bytes) -> None:
    everything(convert(raw))
    thread_ids(raw)


_VALUES = st.text(alphabet=st.characters(max_codepoint=0x2FF, exclude_categories=["Cs"]), max_size=80)


_NAMES = (
    "Subject From To Date Content-Type Content-Disposition Message-ID Content-Transfer-Encoding References X-Priority "
    "Thread-Index MIME-Version Content-ID Sender Reply-To"
)
_ODD = [
    "multipart/mixed; boundary=a",
    'multipart/alternative; boundary="a"',
    "message/rfc822",
    "message/delivery-status",
    "text/html; charset=nonsense",
    "text/plain; charset=utf-16",
    "base64",
    "quoted-printable",
    "uuencode",
    "=?utf-8?b?/////w==?=",
    "=?x-unknown?q?=FF=00?=",
    "a@[",
    '"',
    "<<>>, ;:;",
    "attachment; filename*0*=x''%ff",
    "attachment; filename*=utf-16''%00",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 1 Jan 0000 00:00:00 +0000",
]
_BODIES = [
    b"",
    b"--a\r\n\r\nx\r\n--a\r\nContent-Type: text/html\r\n\r\n<b>\x00\xff",
    b"--a\r\nContent-Type: message/rfc822\r\n\r\n\xff",
    b"\xff\xfe\x00",
    b"aGk=",
    b"=ZZ=41",
]


@given(
    st.lists(st.tuples(st.sampled_from(_NAMES.split()), st.one_of(_VALUES, st.sampled_from(_ODD))), max_size=8),
    st.sampled_from(_BODIES),
)
@settings(max_examples=150)
def test_no_combination_of_odd_headers_makes_the_conversion_fail(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    everything(convert(head + b"\r\n" + body))


def test_very_deep_nesting_is_shown_as_far_as_it_can_be() -> None:
    raw = b"Subject: deep\r\n"
    for number in range(600):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
    content = convert(raw + b"\r\nbottom")
    assert content.subject == "deep"
    everything(content)


def test_nul_characters_stay() -> None:
    content = convert(b"Subject: a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbefore\x00after")
    assert content.text == "before\x00after"
    assert b"before\\u0000after" in everything(content)


def test_undecodable_bytes_become_replacement_characters() -> None:
    raw = b"Subject: a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nab\xff\xfecd"
    assert convert(raw).text == "ab\ufffd\ufffdcd"


def test_an_unknown_charset_falls_back() -> None:
    assert convert(b"Content-Type: text/plain; charset=x-none\r\n\r\nK\xc3\xb6ln").text == "Köln"
    assert convert(b"Content-Type: text/plain; charset=x-none\r\n\r\nK\xf6ln").text == "Köln"


_RELATED = b"""From: a@example.com
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain

plain
--alt
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<p>rich <img src="cid:logo"></p>
--r
Content-Type: image/png; name=logo.png
Content-ID: <logo>

png
--r--
--alt--
%s--m--
"""
_PDF = b"""--m
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename=a.pdf

pdf
"""


def test_only_inline_images_mean_no_attachments() -> None:
    content = convert(_RELATED % b"")
    assert [(one.name, one.inline, one.content_id) for one in content.attachments] == [("logo.png", True, "logo")]
    assert not content.has_attachments
    assert content.plain == "plain"
    assert content.html == '<p>rich <img src="cid:logo"></p>'


def test_an_attached_file_beside_inline_images_means_attachments() -> None:
    content = convert(_RELATED % _PDF)
    assert [(one.name, one.inline) for one in content.attachments] == [("logo.png", True), ("a.pdf", False)]
    assert content.has_attachments


def test_body_follows_the_preference() -> None:
    rich, plain = convert(_RELATED % b""), convert(b"Content-Type: text/plain\r\n\r\n1 < 2\r\n")
    assert rich.body(None)[0] == "html"
    assert rich.body("text") == ("text", "plain")
    assert plain.body(None) == ("text", "1 < 2\r\n")
    kind, content = plain.body("html")
    assert kind == "html"
    assert "1 &lt; 2" in content


def test_preview_is_text_of_at_most_255_characters() -> None:
    content = convert(b"Content-Type: text/html\r\n\r\n<style>p{}</style><p>" + b"word " * 200 + b"</p>")
    assert len(content.preview) == 255
    assert content.preview.startswith("word word")


def test_thread_ids_come_from_folded_headers() -> None:
    raw = b"Message-ID:\r\n <c@x>\r\nReferences: <a@x>\r\n\t<b@x>\r\nIn-Reply-To: <b@x>\r\n\r\nMessage-ID: <no@x>"
    assert thread_ids(raw) == ("<c@x>", ["<a@x>", "<b@x>", "<b@x>"])
