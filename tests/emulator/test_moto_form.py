"""The models and responses alone, wired up as moto wires up its own: no control surface."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws, workspaces
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.workspaces.responses import WorkSpacesResponse

from pulumi_workspaces_pool.testing import emulator
from pulumi_workspaces_pool.testing.emulator.models import (
    PoolsDirectory,
    WorkspaceBundle,
    WorkSpacesPoolsBackend,
    workspaces_pools_backends,
)
from pulumi_workspaces_pool.testing.emulator.responses import WorkSpacesPoolsResponse

from .conftest import pool_request


@pytest.fixture
def backend() -> Iterator[WorkSpacesPoolsBackend]:
    with mock_aws(), patch.object(workspaces, "workspaces_backends", workspaces_pools_backends):
        backend = workspaces_pools_backends["123456789012"]["eu-west-1"]
        backend.bundles["wsb-012345678"] = WorkspaceBundle(
            "wsb-012345678", "bundle", "AMAZON", "STANDARD"
        )
        request = {"WorkspaceDirectoryName": "directory", "WorkspaceType": "POOLS"}
        backend.workspace_directories["wsd-012345678"] = PoolsDirectory(
            "123456789012", "eu-west-1", "wsd-012345678", request
        )
        yield backend


def test_moto_serves_pools_without_the_control_surface(backend: WorkSpacesPoolsBackend) -> None:
    client: Any = boto3.client("workspaces", region_name="eu-west-1")
    tags = [{"Key": "a", "Value": "b"}]
    request = pool_request("wsb-012345678", "wsd-012345678", Tags=tags)
    pool = client.create_workspaces_pool(**request)["WorkspacesPool"]
    assert client.describe_workspaces_pools()["WorkspacesPools"][0]["State"] == "RUNNING"
    tagged = {resource.arn: resource.tags for resource in backend.iter_tagged_resources()}
    assert tagged[pool["PoolArn"]] == {"a": "b"}


@pytest.mark.usefixtures("backend")
def test_moto_forgets_pools_when_its_mock_ends() -> None:
    client: Any = boto3.client("workspaces", region_name="eu-west-1")
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []


FORM = ("cbor", "exceptions", "models", "responses", "urls", "validation")


def test_the_files_of_the_moto_form_need_nothing_else_of_this_package(tmp_path: Path) -> None:
    package = tmp_path / "pools_for_moto"
    package.mkdir()
    for name in FORM:
        shutil.copy(Path(emulator.__file__).with_name(f"{name}.py"), package)
    program = (
        "import sys; from pools_for_moto.urls import url_paths; "
        "assert not [name for name in sys.modules if 'pulumi' in name]; print(len(url_paths))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "2\n", ran.stderr


def test_the_documentation_names_every_operation_where_it_belongs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
    section = text.partition("### What the emulator answers")[2]
    emulated, _, rest = section.partition("As moto answers them")
    moto, _, missing = rest.partition("Not implemented")
    for operation in get_service_model("workspaces").operation_names:
        method = camelcase_to_underscores(operation)
        if method in vars(WorkSpacesPoolsResponse):
            part = emulated
        else:
            part = moto if hasattr(WorkSpacesResponse, method) else missing
        assert re.search(rf"\b{operation}\b", part), operation
