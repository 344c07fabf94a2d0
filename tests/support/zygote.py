"""`python -m tests.support.zygote`: has the services' libraries loaded, and forks itself into any of their processes.

Most of what the tests' processes cost was the import of the same libraries a hundred times. What runs in the child is
the command's own entry point, with its own environment, session, log and signals. `flovify up` and its children, and
what tests start by a path, are started anew (`processes.start`).

Each service has a nursery, forked with the first of its processes: the zygote with that service's own modules loaded
as well. They stay apart, for each service registers its metrics when it is imported.

Lines of JSON: {"args", "env", "cwd", "log"} on standard input is answered by {"pid"}, and each end is told by
{"ended": pid, "status": as subprocess has it}. With the end of the input all children are killed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
from typing import Any

# Not our own modules beyond common: those are for the nurseries.
PRELOADED = (
    "aiohttp.web", "aiosmtpd.smtp", "argon2", "asyncpg", "cryptography.x509", "fastapi", "httptools", "jwt", "msgspec",
    "prometheus_client", "starlette.middleware", "uvicorn", "uvloop", "flovify.cli.main", "flovify.common.server",
    "flovify.common.jwt", "flovify.common.migrations", "flovify.common.http",
)  # fmt: skip


def main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    nurseries: dict[tuple[str, ...], int] = {}
    # A file of its own: nothing of it is in the standard input that a child finds.
    for line in os.fdopen(os.dup(0), "rb"):
        words = tuple(json.loads(line)["args"])
        if words not in nurseries:
            nurseries[words] = begin_nursery(words, [*nurseries.values()])
        os.write(nurseries[words], line)
    for requests in nurseries.values():
        os.close(requests)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def begin_nursery(words: tuple[str, ...], others: list[int]) -> int:
    """Where the requests for these processes are written; with its end, or the zygote's, all of them are killed."""
    from flovify.cli.services import started_by

    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return writing
    for descriptor in (writing, *others):
        os.close(descriptor)
    service = started_by(words)
    # A module that cannot be loaded is told by the process that needs it.
    with contextlib.suppress(Exception):
        for place in (service.settings, service.main) if service else ():
            importlib.import_module(place.partition(":")[0])
    fork_on_request(reading)
    os._exit(0)


def fork_on_request(reading: int) -> None:
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: set[int] = set()
    pending = b""
    while True:
        ready, _, _ = select.select([reading, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            tell_ends(children)
        if reading not in ready:
            continue
        received = os.read(reading, 65536)
        if not received:
            break
        *lines, pending = (pending + received).split(b"\n")
        for line in lines:
            children.add(fork(json.loads(line)))
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def tell_ends(children: set[int]) -> None:
    """Reap whoever has ended; of one that was only stopped or continued nothing is said."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            children.discard(pid)
            say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def fork(wanted: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        become(wanted)
    say({"pid": pid})
    return pid


def say(line: dict[str, int]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def become(wanted: dict[str, Any]) -> None:
    """Never returns. As a process just started: no descriptor, handler or variable of the zygote's is left."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.closerange(3, 1024)
        os.chdir(wanted["cwd"])
        os.environ.clear()
        os.environ.update(wanted["env"])
        sys.argv = ["flovify", *wanted["args"]]
        from flovify.cli.main import run

        run()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 - nobody is left to raise it to
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
