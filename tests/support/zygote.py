"""`python -m tests.support.zygote FD`: the nursery of `flovify up`, for the tests' own processes.

Most of what the tests' processes cost was the import of the same libraries a hundred times. `flovify up` and its
children, and what tests start by a path, are started anew (`processes.start`).

Each service has a nursery of its own, forked with the first of its processes: with that service's own modules loaded as
well. They stay apart, for each service registers its metrics when it is imported. Requests and answers are the
nursery's (`flovify.cli.up.nursery`). With the end of the socket all processes are killed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys

from flovify.cli.services import started_by
from flovify.cli.up import nursery

# Not our own modules beyond common: those are for the nurseries.
PRELOADED = (*nursery.PRELOADED, "aiosmtpd.smtp")


def main(descriptor: int) -> None:
    nursery.preload(PRELOADED)
    answers = socket.socket(fileno=descriptor)
    nurseries: dict[tuple[str, ...], socket.socket] = {}
    while (received := socket.recv_fds(answers, nursery.MESSAGE_BYTES, 1))[0]:
        message, outputs = received[:2]
        words = tuple(json.loads(message)["arguments"][len(nursery.FLOVIFY) :])
        if words not in nurseries:
            nurseries[words] = begin_nursery(words, answers, [*nurseries.values()], outputs)
        socket.send_fds(nurseries[words], [message], outputs)
        os.close(outputs[0])
    for requests in nurseries.values():
        requests.close()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def begin_nursery(
    words: tuple[str, ...], answers: socket.socket, others: list[socket.socket], outputs: list[int]
) -> socket.socket:
    """Where the requests for these processes go; with its end all of them are killed."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        its.close()
        return ours
    for descriptor in outputs:
        os.close(descriptor)
    for one in (ours, *others):
        one.close()
    service = started_by(words)
    # A module that cannot be loaded is told by the process that needs it.
    with contextlib.suppress(Exception):
        for place in (service.settings, service.main) if service else ():
            importlib.import_module(place.partition(":")[0])
    nursery.preload(())
    for pid in nursery.fork_on_request(its, answers):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
