"""The folder of real mail, and what Python's own parser finds in a message."""

from __future__ import annotations

import email
import os
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("MAIL_CORPUS", _ROOT.parent / "shared" / "mail"))
GRAPH_REFERENCE = Path(os.environ.get("GRAPH_REFERENCE", _ROOT.parent / "shared" / "graph"))


def corpus_files() -> list[Path]:
    return sorted(CORPUS.glob("*.eml"))


def corpus_parameters() -> list[object]:
    files = corpus_files()
    if not files:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no mail corpus at {CORPUS}"))]
    return [pytest.param(path, id=path.stem) for path in files]


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def without_surrogates(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def named_parts(message: EmailMessage, line_end: str) -> Iterator[tuple[str, int]]:
    """(file name, decoded size) of every leaf that has a file name; an attached message is one leaf."""
    if message.get_content_maintype() == "message" or not message.is_multipart():
        name = message.get_filename()
        if name:
            yield without_surrogates(name), size_of(message, line_end)
        return
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        yield from named_parts(part, line_end)


def size_of(part: EmailMessage, line_end: str) -> int:
    """Decoded length of a file; of an attached message, its length when written out again."""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return len(content)
    inner = part.get_payload(0)
    assert isinstance(inner, EmailMessage)
    return len(inner.as_bytes(policy=policy.compat32.clone(max_line_length=None, linesep=line_end)))
