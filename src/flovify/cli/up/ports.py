"""Is a port free, and if not: who has it?"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from flovify.cli.up import processes
from flovify.cli.up.errors import ConfigurationError

_LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp (proc(5))


def require_free(wanted: Mapping[str, int], host: str = "127.0.0.1") -> None:
    """Raises ConfigurationError for the first port that is taken, naming its variable and its holder."""
    for name, port in wanted.items():
        reason = _refusal(host, port)
        if reason is not None:
            raise ConfigurationError(
                f"{name}: port {port} {reason}; stop it, or set {name} to a free port "
                "(FLOVIFY_PORT moves all others with it)"
            )


def _refusal(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            return "may not be used by this account"
        except OSError as error:
            return f"is taken by {_holder(port)}" if error.errno == 98 else f"cannot be used ({error.strerror})"
    return None


def _holder(port: int) -> str:
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for pid in processes.all_pids():
        if inodes & processes.open_files(pid):
            return f"process {pid} ({' '.join(processes.command_line(pid))[:80]})"
    return f"another account's process (ask: ss -ltnp 'sport = :{port}')"


def _listening_inodes(port: int) -> list[str]:
    found: list[str] = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        found += [row[9] for row in rows if row[3] == _LISTEN and int(row[1].rsplit(":", 1)[1], 16) == port]
    return found
