"""Subscriptions as they are shown: with their account, their state in a word and what they last heard."""

from __future__ import annotations
