"""Deleting what is stored of an account that was disconnected: an order, carried out by a worker."""

from __future__ import annotations
