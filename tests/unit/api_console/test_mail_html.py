"""What is left of a stranger's HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from flovify.api.messages.bodies.clean import ATTRIBUTES, TAGS, clean, content_id
from flovify.api.messages.bodies.document import html_document, text_document
from tests.support.hostile_html import hostile_mails

PNG = "data:image/png;base64,iVBORw0KGgo="


class Found(HTMLParser):
    """The elements and attributes of a piece of HTML, as a parser of another make sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def check_harmless(html: str) -> None:
    for tag, attributes in Found(html).elements:
        assert tag in TAGS
        for name, value in attributes.items():
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"target", "rel"}
            assert name not in ("background", "id", "class", "name")
            if name == "href":
                assert value.split(":")[0] in ("http", "https", "mailto", "tel")
            if name == "src":
                assert value.startswith("data:image/")
                assert "svg" not in value
            if name == "style":
                assert not any(part in value.lower() for part in ("url", "expression", "\\", "position", "@", "/*"))


def test_there_are_enough_hostile_mails() -> None:
    assert len(hostile_mails()) >= 40


@pytest.mark.parametrize("mail", hostile_mails())
def test_hostile_html_is_harmless(mail: str) -> None:
    for source in (mail, f"<p>before</p>{mail}<p>after</p>", f"<table><tr><td>{mail}</table>", f"<b><i>{mail}"):
        cleaned = clean(source).html
        check_harmless(cleaned)
        # What a parser makes of the result is the result: nothing comes to life when it is read again.
        again = Found(clean(cleaned).html)
        assert (again.elements, again.text) == (Found(cleaned).elements, Found(cleaned).text)


def test_what_a_mail_is_made_of_stays() -> None:
    source = (
        '<table width="600" cellpadding="4" bgcolor="#eee"><tr><td colspan="2" style="padding: 4px; color: #123456">'
        '<font face="Arial" size="2">Hello <b>you</b></font><ul><li>one</li></ul></td></tr></table>'
    )
    cleaned = clean(source).html
    for part in ('width="600"', 'bgcolor="#eee"', 'colspan="2"', "color: #123456", "<b>you</b>", "<li>one</li>"):
        assert part in cleaned


def test_links_open_elsewhere_and_tell_nothing() -> None:
    [(_, attributes)] = Found(clean('<a href="https://a.example/x?y=1" target="_top">x</a>').html).elements
    assert attributes == {"href": "https://a.example/x?y=1", "target": "_blank", "rel": "noopener noreferrer"}


def test_relative_links_lead_nowhere() -> None:
    assert "href" not in clean('<a href="/bff/session">x</a><a href="//evil.example">y</a>').html


def test_pictures_elsewhere_are_counted_and_never_shown() -> None:
    source = '<img src="http://a/1"><img src="https://a/2"><td background="http://a/3"><p style="background:url(http://a/4)">'
    cleaned = clean(f"<table><tr>{source}</table>")
    assert cleaned.remote == 4
    assert "http" not in cleaned.html


def test_pictures_of_the_message_are_shown_when_they_are_given() -> None:
    source = '<img src="cid:Logo%40host" alt="Logo"><img src="CID:other">'
    assert clean(source).missing == ["logo@host", "other"]
    shown = clean(source, {"logo@host": PNG})
    assert shown.missing == ["other"]
    assert f'src="{PNG}"' in shown.html
    assert 'alt="Logo"' in shown.html


@pytest.mark.parametrize(
    ("reference", "expected"), [("cid:a@b", "a@b"), ("CID:%3CA@b%3E", "a@b"), (" cid: x ", "x"), ("cid:", "")]
)
def test_content_ids(reference: str, expected: str) -> None:
    assert content_id(reference) == expected


def test_pictures_written_into_the_mail_are_shown() -> None:
    assert PNG in clean(f'<img src="{PNG}">').html


@pytest.mark.parametrize(
    "style",
    [
        "position: absolute; top: 0",
        "margin-top: -200px",
        "background: red url(x)",
        "color: var(--x)",
        "width: calc(100% - 1px)",
        "z-index: 9",
        "content: 'x'",
        "color: red\\0041",
        "color: /**/red",
    ],
)
def test_styles_that_overlay_or_load_are_dropped(style: str) -> None:
    assert "style" not in clean(f'<p style="{style}">x</p>').html


def test_a_long_and_deep_mail_is_cleaned_in_reasonable_time() -> None:
    assert "end" in clean("<div>" * 20_000 + "end").html
    assert clean("<a href='x' " * 50_000).html is not None


def test_the_document_says_what_is_not_shown() -> None:
    document = html_document(clean('<img src="http://a/1"><img src="cid:x">'))
    assert "1 picture is kept elsewhere" in document
    assert "1 picture is part of this message" in document
    assert "class" not in html_document(clean("<p>x</p>")).split("<body>")[1]


def test_text_is_shown_as_text_with_links() -> None:
    document = text_document("<b>1 < 2 & 3</b>\nsee https://a.example/?a=1&b=2, or <script>alert(1)</script>")
    body = document.split("<body>")[1]
    assert "&lt;b&gt;1 &lt; 2 &amp; 3&lt;/b&gt;" in body
    assert '<a href="https://a.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">' in body
    assert [tag for tag, _ in Found(body).elements] == ["div", "a"]
