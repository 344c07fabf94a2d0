"""`flovify sandbox`: the stand-in for Microsoft."""

from __future__ import annotations

from flovify.cli import run_service


def sandbox() -> None:
    """Run a stand-in for Entra ID and Graph mail, for trying and testing. Never in production.

    HTTP on 8365, HTTPS on 8366, a CONNECT proxy for Microsoft's host names on 8367, SMTP on 8325.
    """
    from flovify.sandbox.main import run  # noqa: PLC0415
    from flovify.sandbox.settings import SandboxSettings  # noqa: PLC0415

    run_service("sandbox", SandboxSettings, run)
