"""Emulated WorkSpaces pools, for tests without an AWS account."""

import os
from unittest.mock import patch

# moto makes sessions when it is imported, only to list AWS's regions: a person's profile, which
# may not exist on this machine, is kept out of its way.
with patch.dict(os.environ):
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)
    from moto.core.base_backend import AccountSpecificBackend

    from .control import Call, Emulator, EmulatorSettings, Hook, Timing
    from .faults import Fault
    from .in_process import emulated_pools
    from .remote import RemoteEmulator
    from .server import EmulatorServer

    # moto keeps the session that it lists regions with: it gets one here, not at the first request.
    AccountSpecificBackend.get_session()

__all__ = [
    "Call",
    "Emulator",
    "EmulatorServer",
    "EmulatorSettings",
    "Fault",
    "Hook",
    "RemoteEmulator",
    "Timing",
    "emulated_pools",
]
