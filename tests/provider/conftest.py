"""What tests of the provider share that drive it over gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_workspaces_pool import WorkspacesPool
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.declared import inputs_of
from support.dynamic_host import DynamicHost, in_a_fork

# Every argument of a pool, right.
RIGHT: dict[str, Any] = {
    "description": "Desks of the shop",
    "bundle_id": "wsb-1a2b3c4d5",
    "directory_id": "wsd-1a2b3c4d5",
    "capacity": {"desired_user_sessions": 2},
    "pool_name": "desks",
    "application_settings": {"status": "ENABLED", "settings_group": "shop"},
    "timeout_settings": {
        "disconnect_timeout_in_seconds": 60,
        "idle_disconnect_timeout_in_seconds": 0,
        "max_user_duration_in_seconds": 432000,
    },
    "running_mode": "ALWAYS_ON",
    "tags": {"Team": "design"},
    "desired_state": "RUNNING",
    "disconnect_active_sessions": True,
    "adopt_pool_id": "wspool-1a2b3c4d5",
    "assume_role": {
        "role_arn": "arn:aws:iam::111122223333:role/deploy",
        "external_id": "shop",
        "session_name": "pools",
    },
    "region": "us-east-1",
}
# The same as the provider is sent them.
RIGHT_INPUTS = inputs_of(lambda: WorkspacesPool("desks", **RIGHT))


@pytest.fixture(scope="session")
def aws() -> Iterator[EmulatorServer]:
    with EmulatorServer() as server:
        yield server


@pytest.fixture(scope="session")
def host(aws: EmulatorServer) -> Iterator[DynamicHost]:
    with DynamicHost(aws.environment(), start=in_a_fork) as host:
        yield host
