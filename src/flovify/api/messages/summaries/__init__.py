"""The list of messages for people: what a list shows, filtered and in the order of receiving."""

from __future__ import annotations
