"""CreateTags, DescribeTags, DeleteTags: of pools, and still of what moto has."""

from typing import Any

import pytest

from .conftest import refused


def tags(client: Any, resource_id: str) -> dict[str, str]:
    listed = client.describe_tags(ResourceId=resource_id)["TagList"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_tags_are_added_overwritten_and_taken_away(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a", "Value": "1"}])
    more = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    client.create_tags(ResourceId=pool_id, Tags=more)
    assert tags(client, pool_id) == {"a": "2", "b": "3"}
    client.delete_tags(ResourceId=pool_id, TagKeys=["a", "never-there"])
    assert tags(client, pool_id) == {"b": "3"} == aws.emulator.pool(pool_id)["Tags"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, ""),
        # What looks like a query is just text.
        ({"Value": "x&Action=DescribeTags&key=1"}, "x&Action=DescribeTags&key=1"),
    ],
)
def test_a_tag_may_have_any_value_or_none(
    aws: Any, client: Any, value: dict[str, str], shown: str
) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a", **value}])
    assert tags(client, pool_id) == {"a": shown}


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("create_tags", {"Tags": [{"Key": "a"}]}),
        ("describe_tags", {}),
        ("delete_tags", {"TagKeys": ["a"]}),
    ],
)
@pytest.mark.parametrize("resource_id", ["wspool-000000000", "ws-000000000", "nonsense"])
def test_tags_of_nothing_are_refused(
    client: Any, operation: str, members: dict[str, Any], resource_id: str
) -> None:
    with refused("ResourceNotFoundException"):
        getattr(client, operation)(ResourceId=resource_id, **members)


def test_a_pool_has_at_most_50_tags(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": f"k{n}"} for n in range(50)])
    client.create_tags(ResourceId=pool_id, Tags=[{"Key": "k0", "Value": "overwritten"}])
    client.delete_tags(ResourceId=pool_id, TagKeys=["k1"])
    aws.emulator.set_tags(pool_id, {"aws:autoscaling": "does not count"})
    client.create_tags(ResourceId=pool_id, Tags=[{"Key": "the-50th"}])
    with refused("ResourceLimitExceededException", "50"):
        client.create_tags(ResourceId=pool_id, Tags=[{"Key": "one-more"}])


@pytest.mark.parametrize("key", ["aws:mine", "AWS:mine"])
def test_keys_that_are_reserved_are_refused(aws: Any, client: Any, key: str) -> None:
    pool_id = aws.create(client)
    aws.emulator.set_tags(pool_id, {key: "theirs"})
    with refused("InvalidParameterValuesException"):
        client.create_tags(ResourceId=pool_id, Tags=[{"Key": key}])
    with refused("InvalidParameterValuesException"):
        client.delete_tags(ResourceId=pool_id, TagKeys=[key])
    assert tags(client, pool_id) == {key: "theirs"}


def test_tags_of_directories_work_too(aws: Any, client: Any) -> None:
    for directory_id in (aws.emulator.default_directory_id, aws.register_personal(client)):
        client.create_tags(ResourceId=directory_id, Tags=[{"Key": "a", "Value": "1"}])
        assert tags(client, directory_id)["a"] == "1"
        client.delete_tags(ResourceId=directory_id, TagKeys=["a"])
        assert "a" not in tags(client, directory_id)
