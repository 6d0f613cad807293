"""The models and responses alone, wired up as moto wires up its own: no control surface."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws, workspaces

from pulumi_workspaces_pool.testing.emulator.models import (
    PoolsDirectory,
    WorkspaceBundle,
    WorkSpacesPoolsBackend,
    workspaces_pools_backends,
)


@pytest.fixture
def backend() -> Iterator[WorkSpacesPoolsBackend]:
    with mock_aws(), patch.object(workspaces, "workspaces_backends", workspaces_pools_backends):
        backend = workspaces_pools_backends["123456789012"]["eu-west-1"]
        backend.bundles["wsb-012345678"] = WorkspaceBundle(
            "wsb-012345678", "bundle", "AMAZON", "STANDARD"
        )
        backend.workspace_directories["wsd-012345678"] = PoolsDirectory(
            "123456789012", "eu-west-1", "wsd-012345678", "directory", []
        )
        yield backend


def test_moto_serves_pools_without_the_control_surface(backend: WorkSpacesPoolsBackend) -> None:
    client: Any = boto3.client("workspaces", region_name="eu-west-1")
    pool = client.create_workspaces_pool(
        PoolName="pool",
        Description="A pool",
        BundleId="wsb-012345678",
        DirectoryId="wsd-012345678",
        Capacity={"DesiredUserSessions": 1},
        Tags=[{"Key": "a", "Value": "b"}],
    )["WorkspacesPool"]
    assert client.describe_workspaces_pools()["WorkspacesPools"][0]["State"] == "RUNNING"
    tagged = {resource.arn: resource.tags for resource in backend.iter_tagged_resources()}
    assert tagged[pool["PoolArn"]] == {"a": "b"}


@pytest.mark.usefixtures("backend")
def test_moto_forgets_pools_when_its_mock_ends() -> None:
    client: Any = boto3.client("workspaces", region_name="eu-west-1")
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []
