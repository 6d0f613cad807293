"""CreateTags, DescribeTags, DeleteTags: of pools, and still of what moto has."""

from typing import Any

import pytest


def tags(client: Any, resource_id: str) -> dict[str, str]:
    return {
        tag["Key"]: tag["Value"] for tag in client.describe_tags(ResourceId=resource_id)["TagList"]
    }


def test_tags_are_added_overwritten_and_taken_away(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a", "Value": "1"}])
    client.create_tags(
        ResourceId=pool_id, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    )
    assert tags(client, pool_id) == {"a": "2", "b": "3"}
    client.delete_tags(ResourceId=pool_id, TagKeys=["a", "never-there"])
    assert tags(client, pool_id) == {"b": "3"} == aws.emulator.pool(pool_id)["Tags"]


def test_a_tag_without_a_value_has_an_empty_one(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a"}])
    assert tags(client, pool_id) == {"a": ""}


def test_text_that_looks_like_a_query_is_just_text(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a", "Value": "x&Action=DescribeTags&key=1"}])
    assert tags(client, pool_id) == {"a": "x&Action=DescribeTags&key=1"}


@pytest.mark.parametrize("operation", ["create", "describe", "delete"])
@pytest.mark.parametrize("resource_id", ["wspool-000000000", "ws-000000000", "nonsense"])
def test_tags_of_nothing_are_refused(
    client: Any, refused: Any, operation: str, resource_id: str
) -> None:
    members: dict[str, Any] = {
        "create": {"Tags": [{"Key": "a"}]},
        "describe": {},
        "delete": {"TagKeys": ["a"]},
    }
    with refused("ResourceNotFoundException") as refusal:
        getattr(client, f"{operation}_tags")(ResourceId=resource_id, **members[operation])
    assert refusal.status == 400


def test_a_pool_has_at_most_50_tags(aws: Any, client: Any, refused: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": f"k{n}"} for n in range(50)])
    client.create_tags(ResourceId=pool_id, Tags=[{"Key": "k0", "Value": "overwritten"}])
    aws.emulator.set_tags(pool_id, {"aws:autoscaling": "does not count"})
    with refused("ResourceLimitExceededException") as refusal:
        client.create_tags(ResourceId=pool_id, Tags=[{"Key": "one-more"}])
    assert refusal.status == 400
    assert "50" in refusal.message


@pytest.mark.parametrize("key", ["aws:mine", "AWS:mine"])
def test_keys_that_are_reserved_are_refused(aws: Any, client: Any, refused: Any, key: str) -> None:
    pool_id = aws.create(client)
    aws.emulator.set_tags(pool_id, {key: "theirs"})
    with refused("InvalidParameterValuesException"):
        client.create_tags(ResourceId=pool_id, Tags=[{"Key": key}])
    with refused("InvalidParameterValuesException"):
        client.delete_tags(ResourceId=pool_id, TagKeys=[key])
    assert tags(client, pool_id) == {key: "theirs"}


def test_tags_of_directories_work_too(aws: Any, client: Any) -> None:
    for directory_id in (aws.emulator.default_directory_id, _personal_directory(aws, client)):
        client.create_tags(ResourceId=directory_id, Tags=[{"Key": "a", "Value": "1"}])
        assert tags(client, directory_id)["a"] == "1"
        client.delete_tags(ResourceId=directory_id, TagKeys=["a"])
        assert "a" not in tags(client, directory_id)


def _personal_directory(aws: Any, client: Any) -> str:
    ec2 = aws.client("ec2")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    directory_id = aws.client("ds").create_directory(
        Name="test.example",
        Password="Password1",  # noqa: S106
        Size="Small",
        VpcSettings={
            "VpcId": subnets[0]["VpcId"],
            "SubnetIds": [subnet["SubnetId"] for subnet in subnets],
        },
    )["DirectoryId"]
    client.register_workspace_directory(DirectoryId=directory_id)
    return str(directory_id)
