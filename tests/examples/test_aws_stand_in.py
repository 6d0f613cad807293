"""The stand-in for the AWS plugin refuses by name what it does not serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.examples import HAS_STAND_IN, use_stand_in
from support.outcomes import CliStackFactory

pytestmark = pytest.mark.skipif(not HAS_STAND_IN, reason="the real AWS plugin is used")

VPC = 'aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags={"Stage": "one"})'


def test_what_no_example_uses_is_refused_by_name(
    tmp_path: Path, cli_stack: CliStackFactory, subtests: pytest.Subtests
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: vpcs\nruntime: python\n")
    use_stand_in(project)
    stack = cli_stack(project)
    program = project / "__main__.py"
    program.write_text(f"import pulumi_aws as aws\n{VPC}")
    stack.up().expect()
    for refused, text in {
        "sqs/queue:Queue": 'aws.sqs.Queue("q")',
        "region": VPC.replace("tags", 'region="eu-west-1", tags'),
        "tags": VPC.replace("one", "two"),
        "ec2/getVpc:getVpc": "aws.ec2.get_vpc()",
        "defaultTags": 'aws.Provider("other", default_tags={"tags": {"Team": "design"}})',
    }.items():
        with subtests.test(refused=refused):
            program.write_text(f"import pulumi\nimport pulumi_aws as aws\n{text}")
            preview = stack.preview()
            assert not preview.ok
            sentence = next(line for line in preview.text.splitlines() if "stand-in for" in line)
            assert refused in sentence
