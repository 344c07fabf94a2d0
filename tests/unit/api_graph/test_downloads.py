from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.api.messages.downloads import OCTETS, content_disposition, safe_file_name, safe_media_type


@pytest.mark.parametrize(
    ("given_type", "sent"),
    [
        ("image/png", "image/png"),
        ("IMAGE/JPEG; name=x", "image/jpeg"),
        ("application/zip", "application/zip"),
        ("text/csv", "text/csv"),
        ("text/html", OCTETS),
        ("text/html; charset=utf-8", OCTETS),
        ("application/xhtml+xml", OCTETS),
        ("image/svg+xml", OCTETS),
        ("text/xml", OCTETS),
        ("application/javascript", OCTETS),
        ("text/javascript", OCTETS),
        ("multipart/mixed", OCTETS),
        ("message/rfc822", OCTETS),
        ("nonsense", OCTETS),
        ("image/png\r\nX: y", OCTETS),
        ("", OCTETS),
        (None, OCTETS),
    ],
)
def test_what_a_browser_could_run_becomes_octets(given_type: str | None, sent: str) -> None:
    assert safe_media_type(given_type) == sent


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\y.exe", "C__x_y.exe"),
        ("a\r\nSet-Cookie: b", "a__Set-Cookie_ b"),
        ("evil\u202efdp.exe", "evil_fdp.exe"),
        ("...", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        ("x" * 300 + ".docx", "x" * 145 + ".docx"),
    ],
)
def test_names_are_made_safe_to_save_under(name: str | None, saved: str) -> None:
    assert safe_file_name(name) == saved


def test_other_letters_travel_in_utf8() -> None:
    assert content_disposition("Plän €.pdf") == (
        "attachment; filename=\"Pl_n _.pdf\"; filename*=UTF-8''Pl%C3%A4n%20%E2%82%AC.pdf"
    )


@given(st.text(max_size=300))
def test_header_is_one_line_of_ascii_for_any_name(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    header.encode("latin-1")
