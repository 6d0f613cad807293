"""An Amazon WorkSpaces Pool with its network and its directory."""

import json

import pulumi
import pulumi_aws as aws

from pulumi_workspaces_pool import WorkspacesPool

config = pulumi.Config()
tags = {"Project": pulumi.get_project(), "Stack": pulumi.get_stack()}

# The network: two private subnets, each in a zone that WorkSpaces Pools supports.
vpc = aws.ec2.Vpc(
    "desktops",
    cidr_block=config.require("vpcCidr"),
    enable_dns_hostnames=True,
    tags={**tags, "Name": "desktops"},
)
subnets = [
    aws.ec2.Subnet(
        f"desktops-{zone_id}",
        vpc_id=vpc.id,
        cidr_block=cidr,
        availability_zone_id=zone_id,
        tags={**tags, "Name": f"desktops-{zone_id}"},
    )
    for zone_id, cidr in zip(
        config.require_object("zoneIds"), config.require_object("subnetCidrs"), strict=True
    )
]
security_group = aws.ec2.SecurityGroup(
    "desktops",
    description="What the desktops may reach",
    vpc_id=vpc.id,
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
    tags=tags,
)

# The role by which WorkSpaces works in the account: one an account, so mostly it is there.
needed: list[pulumi.Resource] = []
if config.require_bool("createDefaultRole"):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "workspaces.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = aws.iam.Role(
        "workspaces", name="workspaces_DefaultRole", assume_role_policy=json.dumps(trust), tags=tags
    )
    needed = [
        aws.iam.RolePolicyAttachment(
            policy, role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}"
        )
        for policy in (
            "AmazonWorkSpacesServiceAccess",
            "AmazonWorkSpacesSelfServiceAccess",
            "AmazonWorkSpacesPoolServiceAccess",
        )
    ]

# The directory: users come from a SAML identity provider; machines may join a domain.
domain = config.require("domainName")
directory = aws.workspaces.Directory(
    "desktops",
    workspace_type="POOLS",
    workspace_directory_name=config.require("directoryName"),
    workspace_directory_description="Pooled desktops",
    user_identity_type="CUSTOMER_MANAGED",
    subnet_ids=[subnet.id for subnet in subnets],
    saml_properties={
        "status": "ENABLED",
        "user_access_url": config.require("userAccessUrl"),
        "relay_state_parameter_name": "RelayState",
    },
    active_directory_config={
        "domain_name": domain,
        "service_account_secret_arn": config.require("serviceAccountSecretArn"),
    }
    if domain
    else None,
    workspace_creation_properties={"custom_security_group_id": security_group.id},
    tags=tags,
    opts=pulumi.ResourceOptions(depends_on=needed),
)

bundle = aws.workspaces.get_bundle_output(owner="AMAZON", name=config.require("bundleName"))

pool = WorkspacesPool(
    "desktops",
    description="Pooled desktops",
    bundle_id=bundle.id,
    directory_id=directory.id,
    capacity={"desired_user_sessions": config.require_int("desiredUserSessions")},
    tags=tags,
)

pulumi.export("vpcId", vpc.id)
pulumi.export("subnetIds", [subnet.id for subnet in subnets])
pulumi.export("directoryId", directory.id)
pulumi.export("registrationCode", directory.registration_code)
pulumi.export("bundleId", bundle.id)
pulumi.export("poolId", pool.pool_id)
pulumi.export("poolArn", pool.pool_arn)
