"""`flovify doctor`: what is wrong with this installation, and the exact mend."""

from __future__ import annotations
