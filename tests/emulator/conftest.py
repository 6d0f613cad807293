"""Emulated AWS in both its forms, with every answer checked against botocore's service model."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ListShape, OperationModel, Shape, StringShape, StructureShape

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, emulated_pools

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

    @property
    def is_server(self) -> bool:
        """Whether calls go over HTTP."""
        return self.endpoint_url is not None

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

    def create(self, client: Any, name: str = "pool", **members: Any) -> str:
        """Create a pool; its id."""
        answer = client.create_workspaces_pool(**self.request(name, **members))
        return str(answer["WorkspacesPool"]["PoolId"])

    def request(self, name: str = "pool", **members: Any) -> dict[str, Any]:
        """A request of CreateWorkspacesPool with what is required."""
        return {
            "PoolName": name,
            "Description": "A pool",
            "BundleId": self.emulator.default_bundle_id,
            "DirectoryId": self.emulator.default_directory_id,
            "Capacity": {"DesiredUserSessions": 2},
            **members,
        }


def check_answer(
    operation_model: OperationModel, response_dict: dict[str, Any], **_: object
) -> None:
    """Answers conform to the output shape; refusals are among the documented ones."""
    answer = json.loads(response_dict["body"])
    if response_dict["status_code"] == 200:
        shape = operation_model.output_shape
        problems = list(departures(shape, answer, operation_model.name)) if shape else []
        assert not problems
    elif "planned" not in answer["message"]:
        documented = {shape.name for shape in operation_model.error_shapes} | COMMON_ERRORS
        assert answer["__type"] in documented, answer
        assert response_dict["status_code"] == 400


def departures(  # noqa: C901 - one question a line
    shape: Shape, value: Any, path: str
) -> Iterator[str]:
    """Where a decoded answer departs from a shape."""
    types: dict[str, Any] = {
        "structure": dict,
        "list": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "timestamp": (int, float),
    }
    if not isinstance(value, types[shape.type_name]):
        yield f"{path} is no {shape.type_name}: {value!r}"
        return
    if isinstance(shape, StructureShape):
        for name in shape.metadata.get("required", []):
            if name not in value:
                yield f"{path} lacks {name}"
        for name, item in value.items():
            if name in shape.members:
                yield from departures(shape.members[name], item, f"{path}.{name}")
            else:
                yield f"{path} has no member {name}"
    if isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from departures(shape.member, item, f"{path}[{index}]")
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path} is none of {shape.enum}: {value!r}"
    size = value if isinstance(value, (int, float)) else len(value)
    if shape.metadata.get("min", 0) > size or size > shape.metadata.get("max", size):
        yield f"{path} is out of its range: {value!r}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path} does not match {pattern}: {value!r}"


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
    running_server.start()
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
def emulator(aws: Aws) -> Emulator:
    return aws.emulator


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws.client()


class Refused:
    """What an AWS error said."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.code = ""
        self.message = ""
        self.status = 0
        self.answer: dict[str, Any] = {}


class _Refusal:
    def __init__(self, code: str | None) -> None:
        self.expected = code
        self.refused = Refused()

    def __enter__(self) -> Refused:
        return self.refused

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if error is None:
            raise AssertionError(f"not refused with {self.expected}")
        if not isinstance(error, ClientError):
            return False
        self.refused.answer = dict(error.response)
        self.refused.code = error.response["Error"]["Code"]
        self.refused.message = error.response["Error"]["Message"]
        self.refused.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if self.expected is not None:
            assert self.refused.code == self.expected, self.refused.message
        return True


@pytest.fixture
def refused() -> Any:
    """A context manager: the call inside is refused with this AWS error code."""
    return _Refusal
