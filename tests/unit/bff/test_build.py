from __future__ import annotations

from pathlib import Path

import pytest

from flovify.bff.ui.build import Build, BuiltFile, read_build

FILE = BuiltFile("text/css", {"": b"plain", "br": b"smallest", "gzip": b"small"})


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.000,gzip; q=0.0", ""),
        ("br;q=1.0", "br"),
        ("identity", ""),
        ("", ""),
        ("brotli, xgzip", ""),
    ],
)
def test_the_best_form_that_the_browser_takes(accepted: str, encoding: str) -> None:
    assert FILE.best(accepted) == (encoding, FILE.forms[encoding])


def test_a_file_that_gained_nothing_by_packing_goes_as_it_is() -> None:
    assert BuiltFile("font/woff2", {"": b"font"}).best("br, gzip") == ("", b"font")


def test_without_a_page_nothing_was_built(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/left-over.js").write_text("x")
    assert read_build(tmp_path) == Build()
    assert read_build(tmp_path / "none") == Build()


def test_the_page_has_one_nonce_in_every_place(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<a nonce="__CSP_NONCE__"><b nonce="__CSP_NONCE__">')
    assert read_build(tmp_path).page_with("N1") == b'<a nonce="N1"><b nonce="N1">'


def test_packed_and_hidden_files_have_no_address_of_their_own(tmp_path: Path) -> None:
    for name in ("index.html", "icon.svg", "icon.svg.br", "assets/a.js", "assets/a.js.gz", ".vite/manifest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    files = read_build(tmp_path).files
    assert set(files) == {"/icon.svg", "/assets/a.js"}
    assert files["/assets/a.js"].forms == {"": b"assets/a.js", "gzip": b"assets/a.js.gz"}
