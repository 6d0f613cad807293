"""Emulated WorkSpaces pools, for tests without an AWS account."""

from .profiles import no_profile

with no_profile():
    from moto.core.base_backend import AccountSpecificBackend

    from .control import Call, Emulator, Hook, Settings, Timing
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
    "Fault",
    "Hook",
    "RemoteEmulator",
    "Settings",
    "Timing",
    "emulated_pools",
]
