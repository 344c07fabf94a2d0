"""Debian's Redis and RabbitMQ as plain processes in folders and on ports of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tests.support.net import free_port, free_ports

_DEBIAN = Path(__file__).resolve().parents[2] / ".tools" / "debian" / "usr"
_ERLANG = _DEBIAN / "lib" / "erlang"
_RABBIT_HOME = _DEBIAN / "lib" / "rabbitmq"
# As a starting process listens some time before it serves.
_START_SECONDS = 60.0


class Engine:
    """One engine's process, which can be killed and started again over the same folder."""

    name = ""
    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        raise NotImplementedError

    def start(self) -> None:
        """Returns when the port is open."""
        words, environment = self.command()
        with (self.folder / "output").open("ab") as sink:
            self._process = subprocess.Popen(
                words, env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environment}, stdout=sink,
                stderr=sink, stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        process = self._process
        self._wait_until(lambda: self._is_open() or process.poll() is not None)
        if process.poll() is not None:
            raise AssertionError(f"{self.name} did not start:\n{(self.folder / 'output').read_text()[-3000:]}")

    def kill9(self) -> None:
        """All of it at once, as the machine's end does, but for what the kernel has not written."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None
            # Helpers of its own may hold the port for a moment longer.
            self._wait_until(lambda: not self._is_open())

    @property
    def is_settled(self) -> bool:
        """Whether what it keeps of itself is on the disk."""
        return True

    def pause(self) -> None:
        """It holds its connections, and answers nothing."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def close(self) -> None:
        self.kill9()

    def _wait_until(self, true: Callable[[], bool]) -> None:
        deadline, pause = time.monotonic() + _START_SECONDS, threading.Event()
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} hangs:\n{(self.folder / 'output').read_text()[-3000:]}")
            pause.wait(0.02)

    def _is_open(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
            return True
        return False


Server = TypeVar("Server", bound=Engine)


class RedisServer(Engine):
    """Synced before each answer, as it has to be; `options` of its configuration may say otherwise."""

    name = "redis-server"

    def __init__(self, folder: Path, **options: str) -> None:
        super().__init__(folder)
        self._options = {"appendonly": "yes", "appendfsync": "always", "save": "", **options}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        options = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), **self._options}
        words = [str(_DEBIAN / "bin" / "redis-server")]
        for name, value in options.items():
            words += [f"--{name}", value]
        return words, {"LD_LIBRARY_PATH": str(next((_DEBIAN / "lib").glob("*-linux-gnu")))}


class RabbitServer(Engine):
    """One node without plugins. Erlang's directory of nodes (epmd) is the node's own, so that it ends with it."""

    name = "rabbitmq-server"
    # What every process of the node is started with.
    within: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._names, self._between = free_ports(2)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        runtime = next(_ERLANG.glob("erts-*")) / "bin"
        self._runtime = runtime
        # Erlang's own start script knows no other place than /usr.
        erl = folder / "bin" / "erl"
        erl.parent.mkdir()
        erl.write_text(
            f'#!/bin/sh\nexport ROOTDIR={_ERLANG} BINDIR={runtime} EMU=beam PROGNAME=erl\nexec {runtime}/erlexec "$@"\n'
        )
        erl.chmod(0o755)
        self.configure()

    def configure(self, *lines: str) -> None:
        text = "\n".join([f"listeners.tcp.1 = {self.host}:{self.port}", "log.console.level = warning", *lines, ""])
        (self.folder / "rabbitmq.conf").write_text(text)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{self.host}:{self.port}/"

    @property
    def node(self) -> str:
        return f"flovify{self.port}@localhost"

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        program = next((_RABBIT_HOME / "lib").glob("rabbitmq_server-*")) / "sbin" / "rabbitmq-server"
        return [*self.within, str(program)], {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "ERL_EPMD_PORT": str(self._names),
            "ERL_EPMD_ADDRESS": self.host,
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self._between),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        }

    @property
    def is_settled(self) -> bool:
        """The names of queues are written after three seconds, and ours are made when it has started."""
        return time.monotonic() - self._started_at > 5

    def start(self) -> None:
        if self._epmd is None:
            words = [*self.within, str(self._runtime / "epmd"), "-port", str(self._names), "-address", self.host]
            self._epmd = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        super().start()
        self._started_at = time.monotonic()

    def close(self) -> None:
        super().close()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(10)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Started, and gone at the end."""
    try:
        server.start()
        yield server
    finally:
        server.close()
