"""A Python that starts at once, because the model runs three of them for every operation.

Most of an operation's time is spent importing pulumi and boto3: by the program, by the dynamic
host, by an engine. Here one process imports them once, and forks for each. A folder that looks like
a virtual environment has a `bin/python` that asks for a fork and stands for it: what it is told to
run runs in the fork, with its files, environment and folder, and whichever of the two is killed
takes the other along.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import io
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PRELOADED = (
    "grpc.aio",
    "asyncio",
    "boto3.session",
    "botocore.retries.adaptive",
    "pulumi.dynamic",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "pulumi_workspaces_pool.provider",
    "pulumi_workspaces_pool.testing.engine.__main__",
)
_STANDARD_FILES = (0, 1, 2)
_PID = "pid"
# What the folder's bin/python executes, on a bare interpreter.
_STAND_IN = """#!{python} -IS
import array, json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
words = sys.argv[1:]
while words and words[0] == "-u":
    del words[0]
if not words or (words[0].startswith("-") and words[0] != "-m"):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
request = json.dumps([words, dict(os.environ), os.getcwd()]).encode()
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
files = array.array("i", [0, 1, 2])
connection.sendmsg([len(request).to_bytes(8, "big")],
                   [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
connection.sendall(request)
code = connection.recv(1)
# Without a code the fork was killed.
sys.exit(code[0]) if code else os.kill(os.getpid(), signal.SIGKILL)
"""


@contextlib.contextmanager
def quick_python(folder: Path) -> Iterator[Path]:
    """Start the process that forks; it ends with this one.

    Args:
        folder: a folder that is there, for the virtual environment; its path must be short.

    Yields:
        The virtual environment, whose `bin/python` starts at once.
    """
    address = folder / "socket"
    stand_in = folder / "bin" / "python"
    stand_in.parent.mkdir()
    stand_in.write_text(_STAND_IN.format(python=sys.executable, address=str(address)))
    stand_in.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, __file__, str(address)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    (folder / _PID).write_text(str(process.pid))
    try:
        assert process.stdout.readline(), "the process that forks did not start"
        yield folder
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def forks(folder: Path) -> list[int]:
    """Tell which forks are there: those that end are seen until they have ended altogether.

    Args:
        folder: the virtual environment.

    Returns:
        Their process ids.
    """
    pid = (folder / _PID).read_text()
    return [int(fork) for fork in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pid_of(user_agent: str) -> int | None:
    """Tell which fork made a call of AWS.

    Args:
        user_agent: what the client said of itself.

    Returns:
        The fork's process id, or None if it was none.
    """
    _, _, rest = user_agent.partition("app/")
    digits = rest.split(" ")[0]
    return int(digits) if digits.isdigit() else None


def _serve(address: str) -> None:
    for module in _PRELOADED:
        importlib.import_module(module)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    # Forks are nobody's children to be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _run(connection)
        connection.close()


def _end_with_parent() -> None:
    # The parent holds the other end of the pipe for as long as it lives.
    os.read(0, 1)
    os._exit(0)


def _run(connection: socket.socket) -> None:
    """Be the process that the stand-in was asked to be, to its end."""
    words, environment, folder, files = _request(connection)
    for number, file in zip(_STANDARD_FILES, files, strict=True):
        os.dup2(file, number)
        os.close(file)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), write_through=True)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    os.environ.clear()
    os.environ.update(environment)
    os.environ["AWS_SDK_UA_APP_ID"] = str(os.getpid())
    os.chdir(folder)
    threading.Thread(target=_end_with_stand_in, args=(connection,), daemon=True).start()
    connection.send(bytes([_outcome(words)]))
    os._exit(0)


def _request(connection: socket.socket) -> tuple[list[str], dict[str, str], str, list[int]]:
    files = array.array("i")
    space = socket.CMSG_SPACE(len(_STANDARD_FILES) * files.itemsize)
    length, ancillary, _, _ = connection.recvmsg(8, space)
    for _, _, data in ancillary:
        files.frombytes(data)
    text = b""
    while len(text) < int.from_bytes(length, "big"):
        text += connection.recv(1 << 20)
    words, environment, folder = json.loads(text)
    return words, environment, folder, list(files)


def _end_with_stand_in(connection: socket.socket) -> None:
    connection.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _outcome(words: list[str]) -> int:
    """Run a module or a file, and give its exit code."""
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            sys.path.insert(0, "")
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            sys.path.insert(0, str(Path(words[0]).parent))
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        return _code(ended.code)
    except BaseException:  # as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _code(code: Any) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 255
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    _serve(sys.argv[1])
