"""Emulated WorkSpaces pools, for tests without an AWS account."""

from .control import Call, Emulator, Hook
from .faults import Fault
from .in_process import emulated_pools
from .models import Settings, Timing
from .remote import RemoteEmulator
from .server import EmulatorServer

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
