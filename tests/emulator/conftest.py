"""Emulated AWS in both its forms, with every answer checked against botocore's service model."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, emulated_pools
from pulumi_workspaces_pool.testing.emulator.validation import validate

# Errors that any operation can answer: AWS does not list them for each.
COMMON_ERRORS = {"ValidationException", "SerializationException"}


@functools.cache
def session() -> boto3.Session:
    """One for all clients: it keeps the service models that it has read."""
    return boto3.Session()


class Aws:
    """One form of emulated AWS, and raw boto3 clients of it."""

    def __init__(self, emulator: Emulator, endpoint_url: str | None) -> None:
        """Remember where clients go; None is moto's in-process form."""
        self.emulator = emulator
        self.endpoint_url = endpoint_url

    def client(
        self,
        service: str = "workspaces",
        region: str = "us-east-1",
        access_key: str = "testing",
        checked: bool = True,
        **config: Any,
    ) -> Any:
        """A client without retries and without botocore's own validation."""
        client = session().client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=access_key,
            aws_secret_access_key="testing",  # noqa: S106
            config=Config(
                **{"retries": {"total_max_attempts": 1}, "parameter_validation": False, **config}
            ),
        )
        if service == "workspaces" and checked:
            client.meta.events.register("before-parse.workspaces.*", check_answer)
        return client

    def access_key_of(self, account: str) -> str:
        """An access key of another account."""
        role = f"arn:aws:iam::{account}:role/other"
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName="session")
        return str(answer["Credentials"]["AccessKeyId"])

    def create(self, client: Any, name: str = "pool", **members: Any) -> str:
        """Create a pool; its id."""
        answer = client.create_workspaces_pool(**self.request(name, **members))
        return str(answer["WorkspacesPool"]["PoolId"])

    def request(self, name: str = "pool", **members: Any) -> dict[str, Any]:
        """A request of CreateWorkspacesPool with what is required."""
        ids = self.emulator.default_bundle_id, self.emulator.default_directory_id
        return pool_request(*ids, PoolName=name, **members)

    def register_personal(self, client: Any) -> str:
        """Register a directory of AWS Directory Service, as moto has it; its id."""
        subnets = self.client("ec2").describe_subnets()["Subnets"][:2]
        subnet_ids = [subnet["SubnetId"] for subnet in subnets]
        directory_id = self.client("ds").create_directory(
            Name="test.example",
            Password="Password1",  # noqa: S106
            Size="Small",
            VpcSettings={"VpcId": subnets[0]["VpcId"], "SubnetIds": subnet_ids},
        )["DirectoryId"]
        client.register_workspace_directory(DirectoryId=directory_id)
        return str(directory_id)


def check_answer(
    operation_model: OperationModel, response_dict: dict[str, Any], **_: object
) -> None:
    """Answers conform to the output shape; refusals are among the documented ones."""
    answer, shape = json.loads(response_dict["body"]), operation_model.output_shape
    if response_dict["status_code"] != 200:
        documented = {error.name for error in operation_model.error_shapes} | COMMON_ERRORS
        assert answer["__type"] in documented, answer
        assert response_dict["status_code"] == 400
    elif shape is not None:
        # botocore's validator knows unknown members, but no lengths, patterns and enumerations.
        assert ParamValidator().validate(answer, shape).generate_report() == ""
        validate(shape, answer)
        created = [pool["CreatedAt"] for pool in answer.get("WorkspacesPools", ())]
        assert all(isinstance(moment, (int, float)) for moment in created), created


@contextmanager
def refused(code: str, *texts: str) -> Iterator[dict[str, Any]]:
    """The call inside is refused with an AWS error code, and texts in its message; the answer."""
    answer: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield answer
    answer.update(caught.value.response)
    assert answer["Error"]["Code"] == code, answer
    assert all(text in answer["Error"]["Message"] for text in texts), answer


def pool_request(bundle_id: str, directory_id: str, **members: Any) -> dict[str, Any]:
    """A request of CreateWorkspacesPool."""
    return {
        "PoolName": "pool",
        "Description": "A pool",
        "BundleId": bundle_id,
        "DirectoryId": directory_id,
        "Capacity": {"DesiredUserSessions": 2},
        **members,
    }


def described(client: Any, pool_id: str) -> Any:
    """A pool as DescribeWorkspacesPools shows it."""
    return client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]


def state(client: Any, pool_id: str) -> str:
    return str(described(client, pool_id)["State"])


def pages(call: Callable[..., Any], **members: Any) -> list[Any]:
    """All the pages of a list."""
    answers = [call(**members)]
    while token := answers[-1].get("NextToken"):
        answers.append(call(**members, NextToken=token))
    return answers


def pytest_make_parametrize_id(val: object) -> str | None:
    """Show the parameters of a test as they are."""
    return str(val) if isinstance(val, (str, int)) else None


@pytest.fixture(scope="session", autouse=True)
def _without_machine_images() -> Iterator[None]:
    """Let moto not load its hundreds of AMIs whenever EC2 is reset."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        yield


@pytest.fixture(scope="session")
def running_server() -> Iterator[EmulatorServer]:
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def server(running_server: EmulatorServer) -> EmulatorServer:
    running_server.emulator.reset()
    return running_server


@pytest.fixture
def server_aws(server: EmulatorServer) -> Aws:
    return Aws(server.emulator, server.url)


@pytest.fixture(params=["in-process", "server"])
def aws(request: pytest.FixtureRequest) -> Iterator[Aws]:
    if request.param == "server":
        yield request.getfixturevalue("server_aws")
    else:
        with emulated_pools() as emulator:
            yield Aws(emulator, None)


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws.client()
