"""An Amazon WorkSpaces Pool for each team of a table."""

import pulumi
from team_pool import Team, TeamPool

config = pulumi.Config()
network = pulumi.StackReference(config.require("networkStack"))
topic = config.require("alarmTopicArn")
teams: dict[str, Team] = config.require_object("teams")

pools = {
    name: TeamPool(
        name,
        team,
        directory_id=network.require_output("directoryId"),
        bundle_id=network.require_output("bundleId"),
        alarm_topics=[topic] if topic else [],
    )
    for name, team in teams.items()
}
pulumi.export("poolIds", {name: team.pool.pool_id for name, team in pools.items()})
