"""Replacing MS365_CLIENT_STATE: which subscriptions' secrets are hashed under which key, and how they change over."""
