"""Networks: Vpc, Subnet, SecurityGroup."""

from __future__ import annotations

from typing import Any

from .resource_type import Properties, ResourceType, tag_list, tag_map
from .session import Aws


class _Ec2Type(ResourceType):
    """A resource of EC2, whose tags go by its id."""

    tagged = True

    def _specification(self, kind: str, aws: Aws, inputs: Properties) -> Properties:
        tags = tag_list(self.all_tags(aws, inputs))
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]} if tags else {}

    def _set_tags(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        if not changed & {"tags", "tagsAll"}:
            return
        ec2 = aws.client("ec2", news)
        ec2.delete_tags(Resources=[id_])
        tags = tag_list(self.all_tags(aws, news))
        if tags:
            ec2.create_tags(Resources=[id_], Tags=tags)


class Vpc(_Ec2Type):
    """aws.ec2.Vpc."""

    token = "aws:ec2/vpc:Vpc"  # noqa: S105  # a type's name
    defaults = {"enableDnsSupport": True, "instanceTenancy": "default"}  # noqa: RUF012
    replaces = frozenset({"cidrBlock", "region"})
    computed = frozenset(
        {"arn", "defaultRouteTableId", "defaultSecurityGroupId", "mainRouteTableId", "ownerId"}
    )
    missing = frozenset({"InvalidVpcID.NotFound"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """CreateVpc."""
        answer = aws.client("ec2", inputs).create_vpc(
            CidrBlock=inputs["cidrBlock"],
            InstanceTenancy=inputs["instanceTenancy"],
            **self._specification("vpc", aws, inputs),
        )
        return str(answer["Vpc"]["VpcId"])

    def complete(self, aws: Aws, id_: str, inputs: Properties) -> None:
        """ModifyVpcAttribute."""
        self._set_attributes(aws, id_, inputs, {"enableDnsSupport", "enableDnsHostnames"})

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeVpcs and what belongs to the VPC."""
        ec2 = aws.client("ec2", state)
        found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
        of_vpc = [{"Name": "vpc-id", "Values": [id_]}]
        main = [*of_vpc, {"Name": "association.main", "Values": ["true"]}]
        default = [*of_vpc, {"Name": "group-name", "Values": ["default"]}]
        table = ec2.describe_route_tables(Filters=main)["RouteTables"][0]["RouteTableId"]
        group = ec2.describe_security_groups(Filters=default)["SecurityGroups"][0]["GroupId"]
        owner = found["OwnerId"]
        region = state.get("region") or aws.region
        return {
            "arn": f"arn:aws:ec2:{region}:{owner}:vpc/{id_}",
            "cidrBlock": found["CidrBlock"],
            "instanceTenancy": found["InstanceTenancy"],
            "enableDnsSupport": self._attribute(ec2, id_, "enableDnsSupport"),
            "enableDnsHostnames": self._attribute(ec2, id_, "enableDnsHostnames"),
            "mainRouteTableId": table,
            "defaultRouteTableId": table,
            "defaultSecurityGroupId": group,
            "ownerId": owner,
            "tagsAll": tag_map(found.get("Tags")),
        }

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """ModifyVpcAttribute, and tags."""
        self._set_attributes(aws, id_, news, changed)
        self._set_tags(aws, id_, news, changed)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteVpc."""
        aws.client("ec2", state).delete_vpc(VpcId=id_)

    @staticmethod
    def _attribute(ec2: Any, id_: str, name: str) -> bool:
        answer = ec2.describe_vpc_attribute(VpcId=id_, Attribute=name)
        return bool(answer[name[:1].upper() + name[1:]]["Value"])

    @staticmethod
    def _set_attributes(aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        for name in sorted({"enableDnsSupport", "enableDnsHostnames"} & changed):
            value = {"Value": bool(news.get(name, name == "enableDnsSupport"))}
            ec2 = aws.client("ec2", news)
            ec2.modify_vpc_attribute(VpcId=id_, **{name[:1].upper() + name[1:]: value})


class Subnet(_Ec2Type):
    """aws.ec2.Subnet."""

    token = "aws:ec2/subnet:Subnet"  # noqa: S105  # a type's name
    required = frozenset({"vpcId"})
    replaces = frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "region"})
    computed = frozenset({"arn", "availabilityZone", "availabilityZoneId", "ownerId"})
    missing = frozenset({"InvalidSubnetID.NotFound"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """CreateSubnet."""
        names = {"availabilityZone": "AvailabilityZone", "availabilityZoneId": "AvailabilityZoneId"}
        zone = {name: inputs[key] for key, name in names.items() if key in inputs}
        answer = aws.client("ec2", inputs).create_subnet(
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            **zone,
            **self._specification("subnet", aws, inputs),
        )
        return str(answer["Subnet"]["SubnetId"])

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeSubnets."""
        found = aws.client("ec2", state).describe_subnets(SubnetIds=[id_])["Subnets"][0]
        return {
            "arn": found["SubnetArn"],
            "vpcId": found["VpcId"],
            "cidrBlock": found["CidrBlock"],
            "availabilityZone": found["AvailabilityZone"],
            "availabilityZoneId": found["AvailabilityZoneId"],
            "mapPublicIpOnLaunch": found["MapPublicIpOnLaunch"],
            "ownerId": found["OwnerId"],
            "tagsAll": tag_map(found.get("Tags")),
        }

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """Tags."""
        self._set_tags(aws, id_, news, changed)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteSubnet."""
        aws.client("ec2", state).delete_subnet(SubnetId=id_)


class SecurityGroup(_Ec2Type):
    """aws.ec2.SecurityGroup, with its rules inline."""

    token = "aws:ec2/securityGroup:SecurityGroup"  # noqa: S105  # a type's name
    named = True
    defaults = {"description": "Managed by Pulumi"}  # noqa: RUF012
    replaces = frozenset({"name", "description", "vpcId", "region"})
    computed = frozenset({"arn", "ownerId"})
    missing = frozenset({"InvalidGroup.NotFound"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """CreateSecurityGroup."""
        vpc = {"VpcId": inputs["vpcId"]} if "vpcId" in inputs else {}
        answer = aws.client("ec2", inputs).create_security_group(
            GroupName=inputs["name"],
            Description=inputs["description"],
            **vpc,
            **self._specification("security-group", aws, inputs),
        )
        return str(answer["GroupId"])

    def complete(self, aws: Aws, id_: str, inputs: Properties) -> None:
        """Take away the rule that AWS gives every group, and set the program's."""
        self._set_rules(aws, id_, inputs, {"ingress", "egress"})

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeSecurityGroups."""
        found = aws.client("ec2", state).describe_security_groups(GroupIds=[id_])
        group = found["SecurityGroups"][0]
        region = state.get("region") or aws.region
        return {
            "arn": f"arn:aws:ec2:{region}:{group['OwnerId']}:security-group/{id_}",
            "name": group["GroupName"],
            "description": group["Description"],
            "vpcId": group.get("VpcId"),
            "ingress": _rules(group["IpPermissions"], state.get("ingress")),
            "egress": _rules(group["IpPermissionsEgress"], state.get("egress")),
            "ownerId": group["OwnerId"],
            "tagsAll": tag_map(group.get("Tags")),
        }

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """Replace the rules that changed, and tags."""
        self._set_rules(aws, id_, news, changed)
        self._set_tags(aws, id_, news, changed)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteSecurityGroup."""
        aws.client("ec2", state).delete_security_group(GroupId=id_)

    @staticmethod
    def _set_rules(aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        ec2 = aws.client("ec2", news)
        group = ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
        members = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
        for direction in sorted(members.keys() & changed):
            held = group[members[direction]]
            if held:
                revoke = getattr(ec2, f"revoke_security_group_{direction}")
                revoke(GroupId=id_, IpPermissions=held)
            wanted = [_permission(rule) for rule in news.get(direction) or []]
            if wanted:
                authorize = getattr(ec2, f"authorize_security_group_{direction}")
                authorize(GroupId=id_, IpPermissions=wanted)


def _permission(rule: Properties) -> Properties:
    described = {"Description": rule["description"]} if rule.get("description") else {}
    ports = (
        {} if rule["protocol"] == "-1" else {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    )
    ranges = [{"CidrIp": cidr, **described} for cidr in rule.get("cidrBlocks") or []]
    return {"IpProtocol": rule["protocol"], **ports, "IpRanges": ranges}


def _rules(permissions: list[Properties], known: list[Properties] | None) -> list[Properties]:
    """The rules as a program writes them; in the program's own form where they are the same."""
    shown = [
        {
            "protocol": permission["IpProtocol"],
            "fromPort": permission.get("FromPort", 0),
            "toPort": permission.get("ToPort", 0),
            "cidrBlocks": [item["CidrIp"] for item in permission["IpRanges"]],
        }
        for permission in permissions
    ]
    plain = [{key: rule.get(key) for key in shown[0]} for rule in known or []] if shown else []
    return known if known and plain == shown else shown
