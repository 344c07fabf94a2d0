"""What is kept instead of a text that must not be: tokens that others hold, addresses that failures are counted by."""

from __future__ import annotations

import hashlib


def kept_hash(text: str) -> bytes:
    """SHA-256. Tokens are long and random, so that a slow hash would add nothing; any text is taken, odd ones too."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
