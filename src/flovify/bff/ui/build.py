"""The built console in memory: what is not in this table cannot be asked for, whatever the path says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "console"
NONCE_MARK = b"__CSP_NONCE__"
PAGE = "index.html"
# The best first. `npm run build` writes the packed forms beside each file that gains by them.
ENCODINGS = {"br": ".br", "gzip": ".gz"}
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
_ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class BuiltFile:
    """A file in its forms: the encoding's name, or nothing for the file as it is."""

    media_type: str
    forms: Mapping[str, bytes]

    def best(self, accepted: str) -> tuple[str, bytes]:
        """The form for an Accept-Encoding header: its encoding and its bytes (RFC 9110, 12.5.3)."""
        wanted = _accepted(accepted)
        encoding = next((name for name in ENCODINGS if name in self.forms and name in wanted), "")
        return encoding, self.forms[encoding]


@dataclass(frozen=True)
class Build:
    """The page, cut where the nonce goes, and the files by path. Without a page nothing was built."""

    page: tuple[bytes, ...] = ()
    files: Mapping[str, BuiltFile] = field(default_factory=dict)

    def page_with(self, nonce: str) -> bytes:
        return nonce.encode().join(self.page)


def read_build(folder: Path = FOLDER) -> Build:
    """Everything `npm run build` left in the folder; hidden files are its own business."""
    page = folder / PAGE
    if not page.is_file():
        return Build()
    found = [path for path in folder.rglob("*") if path.is_file() and not _left_out(path.relative_to(folder))]
    files = {f"/{path.relative_to(folder).as_posix()}": _read(path) for path in found}
    return Build(tuple(page.read_bytes().split(NONCE_MARK)), files)


def _left_out(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return hidden or path.as_posix() == PAGE or path.suffix in ENCODINGS.values()


def _read(path: Path) -> BuiltFile:
    packed = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS.items()}
    forms = {name: one.read_bytes() for name, one in packed.items() if one.is_file()}
    return BuiltFile(_TYPES.get(path.suffix, _ANY_TYPE), {"": path.read_bytes(), **forms})


def _accepted(header: str) -> set[str]:
    """The encodings named and not refused by q=0."""
    found = set()
    for item in header.lower().split(","):
        name, _, parameters = item.partition(";")
        weight = parameters.strip().removeprefix("q=").strip() if parameters else "1"
        if weight.rstrip("0") not in {"", "0."}:
            found.add(name.strip())
    return found
