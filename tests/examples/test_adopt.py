"""examples/adopt: pools that were made by hand are taken over as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_workspaces_pool.ownership import OWNER

from .conftest import ExampleFactory


def _but_for_owners(pools: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pools without the tag that says whose they are."""
    return [
        {**pool, "Tags": {key: value for key, value in pool["Tags"].items() if key != OWNER}}
        for pool in pools
    ]


def test_pools_are_adopted_unchanged_then_changed_kept_and_protected(
    example: ExampleFactory,
) -> None:
    adopted = example("adopt")
    emulator = adopted.emulator
    by_hand: dict[str, Any] = {
        "TimeoutSettings": {"DisconnectTimeoutInSeconds": 1200},
        "RunningMode": "ALWAYS_ON",
        "Tags": {"Owner": "somebody"},
    }
    design = emulator.add_pool("design-desktops", Description="Made by hand", **by_hand)
    support = emulator.add_pool("support-desktops", Capacity={"DesiredUserSessions": 9})
    before = _but_for_owners(emulator.pools())
    adopted.configure(pools={"design": {"poolId": design}, "support": {"poolId": support}})

    adopted.stack.preview().expect(create=3)
    up = adopted.stack.up().expect()
    assert _but_for_owners(emulator.pools()) == before, "nothing has changed"
    assert all(OWNER in pool["Tags"] for pool in emulator.pools())
    assert "CreateWorkspacesPool" not in adopted.writes()
    assert up.outputs["design"]["poolName"] == "design-desktops"
    adopted.stack.up().expect(same=3)

    row = {"poolId": design, "desiredUserSessions": 30}
    adopted.configure(pools={"design": row, "support": {"poolId": support}})
    adopted.stack.up().expect(update=1, same=2)
    assert adopted.desired_sessions(design) == 30
    (changed_pool,) = _but_for_owners([emulator.pool(design)])
    assert changed_pool["Tags"] == {"Owner": "somebody"}

    emulator.drift(design, Capacity={"DesiredUserSessions": 4})
    adopted.stack.refresh().expect()
    adopted.stack.up().expect(update=1, same=2)
    assert adopted.desired_sessions(design) == 30

    assert not adopted.stack.destroy().ok, "they are protected"
    assert len(emulator.pools()) == 2
    adopted.configure(protect=False)
    adopted.stack.up().expect()
    adopted.stack.destroy().expect()
    assert emulator.pools() == []
