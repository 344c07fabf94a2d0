"""`flovify worker`: processes the inbox and the periodic work."""

from __future__ import annotations

from flovify.cli import run_service


def worker() -> None:
    """Fetch announced messages and store them; renew subscriptions (port 8003: health and metrics).

    Start as many as you like: a mailbox is held by one worker at a time.
    """
    from flovify.api.settings import WorkerSettings  # noqa: PLC0415
    from flovify.api.worker.main import run  # noqa: PLC0415

    run_service("worker", WorkerSettings, run)
