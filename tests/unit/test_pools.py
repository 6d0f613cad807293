"""One pool that AWS does not let be described takes no other pool with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.errors import AwsError
from pulumi_workspaces_pool.pools import Pools

IDS = [f"wspool-{number:09}" for number in range(6)]


class Strict(Aws):
    """Refuses every call that names the first pool."""

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Describe pools."""
        if IDS[0] in parameters["PoolIds"]:
            raise AwsError(operation, "AccessDeniedException", "Not this one.")
        return {"WorkspacesPools": [_pool(pool_id) for pool_id in parameters["PoolIds"]]}


def _pool(pool_id: str) -> dict[str, str]:
    return {"PoolId": pool_id, "PoolName": "desks", "State": "RUNNING"}


def test_a_pool_that_may_not_be_described_fails_alone() -> None:
    pools = Pools(Strict(Settings(), "us-east-1"))
    with ThreadPoolExecutor(len(IDS)) as threads:
        denied, *others = [threads.submit(pools.find, pool_id) for pool_id in IDS]
        with pytest.raises(AwsError, match="Not this one"):
            denied.result()
        assert [other.result() for other in others] == [_pool(pool_id) for pool_id in IDS[1:]]
