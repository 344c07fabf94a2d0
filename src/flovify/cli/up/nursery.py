"""`python -m flovify.cli.up.nursery FD MODULE...`: has loaded the modules, and forks itself into the services.

Five processes that load the same libraries cost five times the time and most of five times the memory. What runs in
a forked process is the command's own entry point, with its own variables, session, output and signals.

`FD` is a socket of whole messages (SOCK_SEQPACKET, unix(7)). A request is JSON {"id", "arguments", "environment",
"directory"} with the descriptor that takes the output; it is answered by {"id", "pid"}, and each end is told by
{"ended": pid, "status": as subprocess has it}. With the end of the socket, or its own, the processes get SIGTERM.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from setproctitle import setproctitle

from flovify.cli.up.parent import die_with

NAME = "nursery"
FLOVIFY = (sys.executable, "-m", "flovify")
EXIT_NOT_STARTED = 127  # as shells have it
# Largest request: the variables of one process.
MESSAGE_BYTES = 2**17
# Nothing that registers metrics: each process shows its own.
PRELOADED = (
    "flovify.cli.main", "aiohttp.web", "argon2", "asyncpg", "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.x509", "fastapi", "httptools", "jwt", "msgspec", "prometheus_client", "pydantic.v1",
    "starlette.middleware", "uvicorn", "uvloop", "flovify.common.http", "flovify.common.jwt",
    "flovify.common.migrations", "flovify.common.server",
)  # fmt: skip


# What setproctitle shall leave alone: by them a later supervisor knows its own (`lock.py`).
VARIABLES = {"SPT_NOENV": "1"}


def command(descriptor: int, modules: Sequence[str]) -> list[str]:
    """What starts a nursery that has the other end of the socket."""
    return [sys.executable, "-m", "flovify.cli.up.nursery", str(descriptor), *modules]


def main(descriptor: int, modules: Sequence[str]) -> None:
    die_with(os.getppid())  # one that has died already is told by the end of the socket
    setproctitle(f"flovify up {NAME}")
    preload(modules)
    with socket.socket(fileno=descriptor) as supervisor:
        fork_on_request(supervisor, supervisor)


def preload(modules: Sequence[str]) -> None:
    """Nothing of it is garbage, nor looked through by any process that is forked: what they share stays shared."""
    gc.disable()
    for name in modules:
        importlib.import_module(name)
    gc.freeze()
    gc.enable()


def fork_on_request(requests: socket.socket, answers: socket.socket) -> set[int]:
    """Until `requests` ends; says which of the processes still run then."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([requests.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(children, answers)
        if requests.fileno() not in ready:
            continue
        message, outputs, _, _ = socket.recv_fds(requests, MESSAGE_BYTES, 1)
        if not message:
            return children
        children.add(_fork(json.loads(message), outputs[0], answers))


def _tell_ends(children: set[int], answers: socket.socket) -> None:
    """Reap whoever has ended; of one that was only stopped or continued nothing is said."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            children.discard(pid)
            _say(answers, {"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _fork(wanted: dict[str, Any], output: int, answers: socket.socket) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(wanted, output, parent)
    os.close(output)
    _say(answers, {"id": wanted["id"], "pid": pid})
    return pid


def _say(answers: socket.socket, message: dict[str, int]) -> None:
    answers.send(json.dumps(message).encode())


def _become(wanted: dict[str, Any], output: int, parent: int) -> None:
    """Never returns. As a process just started: no descriptor, handler or variable of the nursery's is left."""
    status = 1
    try:
        die_with(parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.closerange(3, 1024)  # the nursery itself has a handful
        os.chdir(wanted["directory"])
        _run(tuple(wanted["arguments"]), wanted["environment"])
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - nobody is left to raise it to
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _run(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    if arguments[: len(FLOVIFY)] != FLOVIFY:
        try:
            os.execvpe(arguments[0], arguments, environment)  # noqa: S606 - no shell is wanted
        except OSError as error:
            sys.stderr.write(f"could not be started: {error.strerror}\n")
            sys.exit(EXIT_NOT_STARTED)
    words = arguments[len(FLOVIFY) :]
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["flovify", *words]
    setproctitle(" ".join(sys.argv))
    from flovify.cli.main import run  # noqa: PLC0415 - loaded long ago, where this is a service

    run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
