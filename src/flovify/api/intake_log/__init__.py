"""The durable log between the intake and the inbox: written while somebody waits, carried on by the worker."""

from __future__ import annotations
