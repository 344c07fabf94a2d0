from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.api.messages import html_text
from flovify.api.messages.html_text import MAX_INPUT_CHARACTERS, html_to_text, is_cut


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<b>bold</b> and <i>it</i>", "bold and it"),
        ("<ul><li>x</li><li>y</li></ul>", "- x\n\n- y"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1\t2"),
        ("&lt;tag&gt; &amp;&nbsp;&euro;", "<tag> & €"),
        ("<style>p{}</style><script>alert('<p>')</script>seen", "seen"),
        ("<head><title>t</title></head><body>seen</body>", "seen"),
        ("a<!-- hidden <b> -->b", "ab"),
        ('<img alt="a > b" src=x>after', "after"),
        ("<a href='x>y'>link</a>", "link"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<!DOCTYPE html><?xml version='1'?>x", "x"),
        ("text <!-- never closed", "text never closed"),
        ("text <b never closed", "text never closed"),
        ("<script>never closed", "never closed"),
        ("<![CDATA[x]]>y", "y"),
        ("&#0;&#xD800;&#x110000;", "\ufffd\ufffd\ufffd"),
        ("İ<SCRIPT>x</ScRiPt>y", "İy"),
    ],
)
def test_visible_text_comes_out(source: str, text: str) -> None:
    assert html_to_text(source).replace(" \n", "\n") == text


PICTURE = "data:image/png;base64," + "iVBORw0KGgo" * 150_000


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_a_picture_written_into_the_mail_is_no_text_and_hides_none(quote: str) -> None:
    source = f"<p>A</p><img src={quote}{PICTURE}{quote}><p>B</p>"
    assert html_to_text(source) == "A\n\nB"
    assert not is_cut(source)


def test_what_is_too_long_is_cut_before_a_tag_and_said() -> None:
    source = "<p>seen</p>" + "x" * (MAX_INPUT_CHARACTERS - 15) + '<a title="' + "y" * 1000 + '">unseen</a>'
    text = html_to_text(source)
    assert is_cut(source)
    assert text.startswith("seen\nx")
    assert text.endswith("x")
    assert not is_cut(source[:MAX_INPUT_CHARACTERS])


@given(st.text(st.sampled_from("<>!-/'\"ab &;#x\n=") | st.characters(), max_size=300))
def test_any_text_gives_some_text(source: str) -> None:
    result = html_to_text(source)
    assert len(result) <= len(source) * 3 + 10


_PIECES = (
    "<p>", "</P>", "<br/>", "<td>", "</td>", "<li>", "text ", "a  b", "&nbsp;", "&amp;", "&amp;lt;", "&lt;", "&#10;",
    "&", "\n", " \t", "<", "<3", ">", '"', "'", '<a href="x>y">', "<a href='q'>", "<script>", "</script>", "<!-- c -->",
    "<!--", "-->", "<!doctype html>", "<o:p>", "<odd-tag>", "<svg/>", "</svg>", "<Span style='a:b'>", "<td", "&auml",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_the_short_way_of_usual_tags_and_references_comes_to_the_same(source: str) -> None:
    expected = html_to_text(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_text, "_USUAL", re.compile(r"(?!)"))
        patch.setattr(html_text, "_plain", lambda text: re.sub(r"[ \t\r\n\f\v]+", " ", html.unescape(text)))
        assert html_to_text(source) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<3",
        "<1 <a>",
        '<p title="',
        "&amp;",
        "<!--",
        "<a ",
        "<a '",
        '<a "',
        "<script>",
        "</",
        "<!",
        "&",
        "&#",
        "<p",
        "<a b='c' ",
        "<td>",
        "\n\n\n ",
        "data:",
        "data:,x",
        "DATA:a;",
    ],
)
def test_hostile_repetition_takes_little_time(piece: str) -> None:
    started = time.process_time()
    html_to_text(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 5
