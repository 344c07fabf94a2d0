"""What the audit logs of auth and of the api have in common: their entries, filters, routes and exports."""

from __future__ import annotations
