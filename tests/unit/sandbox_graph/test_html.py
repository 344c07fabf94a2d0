from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from flovify.sandbox.mail.html import from_text, to_text


def test_text_is_what_a_reader_sees() -> None:
    source = (
        "<html><head><title>no</title><style>p{color:red}</style></head><body><!-- <p>hidden</p> -->"
        "<h1>Hello&nbsp;you</h1><p>1 &lt; 2<br>next</p><script>alert('<p>no</p>')</script><td>a</td><td>b</td></body>"
    )
    assert to_text(source) == "Hello you\r\n\r\n1 < 2\r\nnext\r\na b"


def test_unclosed_markup_ends_the_text() -> None:
    assert to_text("a<b") == "a"
    assert to_text("a < b") == "a < b"
    assert to_text("shown<script>never ends") == "shown"


def test_text_to_html_escapes() -> None:
    assert "&lt;script&gt;" in from_text("<script>")


@given(st.text(max_size=500))
def test_no_text_makes_it_fail(source: str) -> None:
    to_text(source)


def test_hostile_markup_takes_linear_time() -> None:
    started = time.process_time()
    for source in ("<" * 200_000, "<!--" * 50_000, "<script>" * 25_000, "<a " * 60_000, "&" * 200_000):
        to_text(source)
    assert time.process_time() - started < 5
