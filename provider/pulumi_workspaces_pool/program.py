"""The seam to the process that runs the Pulumi program: it ends without a traceback."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from .once import once

_LANGUAGE_HOST = "pulumi-language-python-exec"


def end_quietly() -> None:
    """Let the program end without a traceback when the engine ends it.

    When a resource fails, the engine interrupts the program, which waits for its outputs. Python
    answers with the traceback of a KeyboardInterrupt, which buries the reason of the failure. Where
    the program has no handler of its own, the signal's plain effect serves better. Anywhere but in
    the engine's language host nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler and _under_language_host():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@once
def _under_language_host() -> bool:
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if Path(frame.f_code.co_filename).name == _LANGUAGE_HOST:
            return True
        frame = frame.f_back
    return False
