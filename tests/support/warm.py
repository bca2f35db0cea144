"""Commands as processes of their own that have imported everything already: forked from one that did nothing else.

``python -m tests.support.warm FD`` reads requests from a socket, one after the other, and answers with exit codes. A command
finds the arguments, folder, variables and standard streams of a process that was started anew.
"""

import json
import os
import runpy
import socket
import sys
import traceback
from importlib import import_module
from typing import Never

COMMAND = "interfaces.bootstrap.cli"
# What commands import where they need it. None of it is ours to call here: a thread that was started would not be forked.
NEEDED = (
    "anomaly_detection.presentation.detect_command",
    "anomaly_detection.wiring",
    "data_platform.wiring",
    "interfaces.bootstrap.commands",
    "interfaces.bootstrap.database",
    "interfaces.bootstrap.service",
    "machine_learning.wiring",
    "pydantic",
    "structlog.dev",
    "yaml",
)


def main(descriptor: int) -> None:
    for name in (COMMAND, *NEEDED):
        import_module(name)
    del sys.modules[COMMAND]  # each command runs it as its main module
    requests = socket.socket(fileno=descriptor)
    while True:
        request, streams, _, _ = socket.recv_fds(requests, 1 << 20, 3)
        if not request:
            return
        if not (child := os.fork()):
            requests.detach()
            os.close(descriptor)
            become(streams, **json.loads(request))
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        requests.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def become(streams: list[int], words: list[str], folder: str, variables: dict[str, str]) -> Never:
    """The command. Our own streams are pipes too, so that Python's on top of them are as they must be."""
    code = 1
    try:
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(folder)
        sys.argv = [COMMAND, *words]
        runpy.run_module(COMMAND, run_name="__main__", alter_sys=True)
    except BaseException:  # a process ends here, whatever happens
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
