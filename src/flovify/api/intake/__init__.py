"""Microsoft Graph's notifications: checked, stored durably, answered; everything else happens later in the worker."""

from __future__ import annotations
