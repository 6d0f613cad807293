"""examples/many_pools: teams from a table, in the directory of another stack."""

from __future__ import annotations

from typing import Any

from .conftest import ExampleFactory
from .test_vpc_directory import CONFIG

HOURS = {
    "opens": "cron(0 7 ? * MON-FRI *)",
    "closes": "cron(0 19 ? * MON-FRI *)",
    "timezone": "Europe/Berlin",
}
DESIGN: dict[str, Any] = {"sessions": 20, "spare": 3, **HOURS}
SUPPORT: dict[str, Any] = {"sessions": 60, "spare": 10, **HOURS}
# The component, the pool, the alarm, the target and the two actions of each team.
EACH = 6


def test_each_team_has_its_pool_in_the_directory_of_the_network_stack(
    example: ExampleFactory,
) -> None:
    network = example("vpc_directory", **CONFIG)
    up = network.stack.up().expect()
    teams = example(
        "many_pools",
        networkStack="organization/workspaces-pool-vpc-directory/dev",
        teams={"design": DESIGN, "support": SUPPORT},
    )
    preview = teams.stack.preview().expect()
    assert preview.changes["create"] == 1 + 2 * EACH

    made = teams.stack.up().expect()
    emulator = teams.emulator
    pools = {name: emulator.pool(id_) for name, id_ in made.outputs["poolIds"].items()}
    assert {pool["DirectoryId"] for pool in pools.values()} == {up.outputs["directoryId"]}
    assert {pool["BundleId"] for pool in pools.values()} == {up.outputs["bundleId"]}
    assert pools["support"]["CapacityStatus"]["DesiredUserSessions"] == 60
    assert pools["design"]["Tags"] == {"Team": "design"}
    alarms = teams.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert sorted(alarm["Threshold"] for alarm in alarms) == [3, 10]
    scaling = teams.client("application-autoscaling")
    actions = scaling.describe_scheduled_actions(ServiceNamespace="workspaces")
    assert len(actions["ScheduledActions"]) == 4
    again = teams.stack.up()
    assert again.changes["same"] == 1 + 2 * EACH, again.text
    refresh = teams.stack.refresh().expect()
    assert "update" not in refresh.changes

    # A team goes, another one comes: the third one sees nothing of it.
    kept = pools["support"]["PoolId"]
    teams.configure(teams={"support": SUPPORT, "build": DESIGN})
    emulator.clear_calls()
    changed = teams.stack.up().expect()
    assert changed.changes["create"] == changed.changes["delete"] == EACH
    assert changed.outputs["poolIds"]["support"] == kept
    written = {call.parameters.get("PoolId") for call in emulator.writes()}
    assert kept not in written

    teams.stack.destroy().expect()
    assert emulator.pools() != []
    network.stack.destroy().expect()
    assert emulator.pools() == []
