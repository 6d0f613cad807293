"""The stand-in for the AWS plugin, where the examples' own lives do not show what it does."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from support.examples import REAL, aws_plugin, plugin_folder
from support.outcomes import CliStack, CliStackFactory

pytestmark = pytest.mark.skipif(aws_plugin() == REAL, reason="the real AWS plugin is used")


class World:
    """A project of `pulumi_aws` whose program a test writes."""

    def __init__(self, folder: Path, make_stack: CliStackFactory, aws: EmulatorServer) -> None:
        """Write an empty program."""
        self.aws = aws
        self._folder = folder / "project"
        self._folder.mkdir()
        plugin = json.dumps({"providers": [{"name": "aws", "path": str(plugin_folder(folder))}]})
        project = f"name: networks\nruntime: python\nplugins: {plugin}\n"
        (self._folder / "Pulumi.yaml").write_text(project)
        self.program("")
        self.stack: CliStack = make_stack(self._folder)

    def program(self, text: str) -> None:
        """Write the program."""
        prelude = "import pulumi\nimport pulumi_aws as aws\n"
        (self._folder / "__main__.py").write_text(prelude + textwrap.dedent(text))


@pytest.fixture
def world(tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer) -> World:
    """A project with an empty program."""
    return World(tmp_path, cli_stack, emulated_aws)


def test_a_type_that_is_not_served_is_refused_by_name(world: World) -> None:
    world.program('aws.sqs.Queue("q")')
    up = world.stack.up()
    assert not up.ok
    assert "the stand-in for the AWS plugin has no type aws:sqs/queue:Queue" in up.text


def test_tags_regions_and_explicit_providers_are_those_of_the_program(world: World) -> None:
    world.stack.set_config("aws:defaultTags", json.dumps({"tags": {"Owner": "platform"}}))
    program = """
    vpc = aws.ec2.Vpc("here", cidr_block="10.0.0.0/16", tags={{"Stage": "{stage}"}})
    there = aws.ec2.Vpc("there", cidr_block="10.1.0.0/16", region="eu-west-1")
    ireland = aws.Provider("ireland", region="eu-west-1")
    group = aws.ec2.SecurityGroup(
        "group", vpc_id=there.id, opts=pulumi.ResourceOptions(provider=ireland)
    )
    pulumi.export("tags", vpc.tags_all)
    pulumi.export("regions", [vpc.region, there.region, group.region])
    pulumi.export("id", vpc.id)
    """
    world.program(program.format(stage="one"))
    preview = world.stack.preview()
    assert preview.changes == {"create": 5}, preview.text
    up = world.stack.up()
    assert up.ok, up.text
    assert up.outputs["tags"] == {"Owner": "platform", "Stage": "one"}
    assert up.outputs["regions"] == ["us-east-1", "eu-west-1", "eu-west-1"]
    assert up.outputs["id"].startswith("vpc-")

    world.program(program.format(stage="two"))
    changed = world.stack.up()
    assert changed.changes == {"update": 1, "same": 4}, changed.text
    assert changed.outputs["tags"] == {"Owner": "platform", "Stage": "two"}
    assert changed.outputs["id"] == up.outputs["id"]
    assert world.stack.refresh().changes["same"] >= 3
    assert world.stack.up().changes == {"same": 5}
    assert world.stack.destroy().ok


def test_a_directory_whose_settings_fail_is_kept_and_finished_by_the_next_run(
    world: World,
) -> None:
    world.program(
        """
        vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
        subnets = [
            aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=cidr, availability_zone_id=zone)
            for zone, cidr in (("use1-az2", "10.0.0.0/24"), ("use1-az4", "10.0.1.0/24"))
        ]
        aws.workspaces.Directory(
            "d",
            workspace_type="POOLS",
            workspace_directory_name="desktops",
            workspace_directory_description="Pooled desktops",
            user_identity_type="CUSTOMER_MANAGED",
            subnet_ids=[subnet.id for subnet in subnets],
            saml_properties={"status": "ENABLED", "user_access_url": "https://idp.example.com"},
        )
        """
    )
    emulator = world.aws.emulator
    refused = Fault.access_denied("ModifySamlProperties")
    emulator.fail("ModifySamlProperties", refused)
    up = world.stack.up()
    assert not up.ok
    kept = world.stack.resource("d")["id"]
    assert kept.startswith("wsd-")
    emulator.clear_calls()
    again = world.stack.up()
    assert again.ok, again.text
    assert world.stack.resource("d")["id"] == kept
    destroy = world.stack.destroy()
    assert destroy.ok, destroy.text
    operations = [call.operation for call in emulator.writes()]
    assert operations[-1] == "DeregisterWorkspaceDirectory"
    assert "RegisterWorkspaceDirectory" not in operations
