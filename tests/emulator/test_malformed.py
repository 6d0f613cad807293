"""Whatever a request is made of, the server answers it: no status 500, no traceback."""

from __future__ import annotations

import gc
import gzip
import http.client
import json
import sys
from typing import Any

import pytest
from botocore.session import get_session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.core.request import Request

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, RemoteEmulator
from pulumi_workspaces_pool.testing.emulator.control import CALLS_KEPT
from pulumi_workspaces_pool.testing.emulator.remote import METHODS

from .conftest import Aws, described, refused

SCOPE = "AWS4-HMAC-SHA256 Credential=testing/20260101/{}/{}/aws4_request, Signature=0"
SIGNED = {"Authorization": SCOPE.format("us-east-1", "workspaces")}
JSON = {"Content-Type": "application/x-amz-json-1.1"}
CBOR = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
MODEL = get_session().get_service_model("workspaces")
MEMBERS = sorted(
    {
        name
        for operation in MODEL.operation_names
        if (shape := MODEL.operation_model(operation).input_shape)
        for name in shape.members
    }
)


def ask(
    url: str, body: bytes, headers: dict[str, str], path: str = "/", method: str = "POST"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    assert response.status < 500 or response.status == 501, (path, headers, body, answer)
    assert b"Traceback" not in answer
    return response.status, answer


def call(url: str, operation: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    target = {"X-Amz-Target": f"WorkspacesService.{operation}"}
    status, answer = ask(url, body, {**SIGNED, **JSON, **target, **headers})
    return status, json.loads(answer)


texts = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))
ids = st.sampled_from(
    ["wspool-012345678", "wsd-emulated1", "d-0123456789", "wsb-emulated1", "ws-1"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ids,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Key", "Value", "Name", *MEMBERS]), inner, max_size=4)
    ),
    max_leaves=8,
)
requests = st.dictionaries(st.sampled_from(MEMBERS), values, max_size=6)
bodies = st.one_of(
    st.binary(max_size=60),
    requests.map(lambda members: json.dumps(members).encode()),
    values.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 100_000).map(lambda depth: b"[" * depth + b"]" * depth),
    st.integers(1, 5_000).map(lambda depth: b'{"Tags":' * depth + b"1" + b"}" * depth),
    st.binary(max_size=40).map(gzip.compress),
    st.binary(max_size=40).map(lambda rest: gzip.compress(b"{}")[:-4] + rest),
)
operations = st.sampled_from(
    [*MODEL.operation_names, "SetupClass", "_dispatch", "CallAction", "__init__", "Dispatch", ""]
)
targets = st.one_of(
    operations.map(lambda operation: f"WorkspacesService.{operation}"),
    st.sampled_from(["RegisterScalableTarget", "DescribeScalingPolicies", "_dispatch", "X"]).map(
        lambda operation: f"AnyScaleFrontendService.{operation}"
    ),
    texts,
)
signatures = st.one_of(
    st.sampled_from(list(SIGNED.values())),
    st.builds(SCOPE.format, texts, st.sampled_from(["workspaces", "application-autoscaling"])),
    texts,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": signatures,
        "X-Amz-Target": targets,
        "Content-Type": st.sampled_from([*JSON.values(), "multipart/form-data; boundary=x", "a/b"])
        | st.just("application/x-www-form-urlencoded"),
        "Content-Encoding": st.sampled_from(["gzip", "br"]),
        "smithy-protocol": st.sampled_from(["rpc-v2-cbor", "rpc-v3"]),
        "User-Agent": texts,
        "x-moto-account-id": texts,
    },
)
for_workspaces = st.builds(
    lambda some, target: {**some, **SIGNED, "X-Amz-Target": target}, headers, targets
)
paths = st.one_of(
    st.just("/"),
    operations.map(lambda operation: f"/service/WorkspacesService/operation/{operation}"),
    # `fail` apart: a fault that it plans may well be a status 500.
    st.sampled_from([name for name in sorted(METHODS) if name != "fail"] + ["settings", "x"]).map(
        lambda name: f"/workspaces-pools-emulator/{name}"
    ),
)
malformed = st.tuples(bodies, headers | for_workspaces, paths, st.sampled_from(["POST", "GET"]))


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(several=st.lists(malformed, min_size=10, max_size=10))
def test_two_thousand_malformed_requests_are_answered(
    server: EmulatorServer, several: list[tuple[bytes, dict[str, str], str, str]]
) -> None:
    for body, given_headers, path, method in several:
        ask(server.url, body, given_headers, path, method)


DESCRIBE = "DescribeWorkspacesPools"
GZIP = {"Content-Encoding": "gzip"}
NOWHERE = {"Authorization": SCOPE.format("nowhere-1", "workspaces")}


SERIALIZATION, UNKNOWN = "SerializationException", "UnknownOperationException"
LARGE = b'{"PoolIds": ["%s"]}' % (b"x" * 10_000_000)
UNREADABLE: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "half an object": (SERIALIZATION, DESCRIBE, b"{", {}),
    "a list": (SERIALIZATION, DESCRIBE, b"[]", {}),
    "no UTF-8": (SERIALIZATION, DESCRIBE, b'"\xff"', {}),
    "half a surrogate pair": (SERIALIZATION, DESCRIBE, rb'{"NextToken": "\ud800"}', {}),
    "deep": (SERIALIZATION, DESCRIBE, b"[" * 100_000, {}),
    "a float": (SERIALIZATION, DESCRIBE, b'{"Limit": 1e1}', {}),
    "33 bits": (SERIALIZATION, DESCRIBE, b'{"Limit": 2147483648}', {}),
    "no gzip": (SERIALIZATION, DESCRIBE, b"{}", GZIP),
    "half a gzip": (SERIALIZATION, DESCRIBE, gzip.compress(b"{}", mtime=0)[:-6], GZIP),
    "no scope": ("IncompleteSignatureException", DESCRIBE, b"{}", {"Authorization": "x"}),
    "no region": ("InvalidSignatureException", DESCRIBE, b"{}", NOWHERE),
    "no operation": (UNKNOWN, "NoSuchOperation", b"{}", {}),
    "a method of moto": (UNKNOWN, "SetupClass", b"{}", {}),
    "a private method": (UNKNOWN, "_dispatch", b"{}", {}),
    "another prefix": (UNKNOWN, DESCRIBE, b"{}", {"X-Amz-Target": f"Wrong.{DESCRIBE}"}),
    "10 megabytes": ("ValidationException", DESCRIBE, LARGE, {}),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused_as_aws_does(server: EmulatorServer, case: str) -> None:
    code, operation, body, given_headers = UNREADABLE[case]
    status, answer = call(server.url, operation, body, **given_headers)
    assert (status, answer["__type"]) == (400, code)


def test_a_request_may_be_compressed_or_unsigned(server: EmulatorServer) -> None:
    server.emulator.add_pool("pool")
    assert call(server.url, DESCRIBE, gzip.compress(b"{}"), **GZIP)[0] == 200
    target = {"X-Amz-Target": f"WorkspacesService.{DESCRIBE}"}
    assert b"pool" in ask(server.url, b"{}", target)[1]


@pytest.mark.parametrize(
    "body", [b"\xff", b"\x9b\xff", b"\x5b" + b"\xff" * 8, b"\x81" * 5000, b"\xa1\x80\x01"]
)
def test_what_is_no_cbor_is_refused_in_cbor(server: EmulatorServer, body: bytes) -> None:
    path = f"/service/WorkspacesService/operation/{DESCRIBE}"
    status, answer = ask(server.url, body, {**SIGNED, **CBOR}, path)
    assert status == 400
    assert b"SerializationException" in answer


def test_a_client_may_speak_cbor(server_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    json_client = server_aws.client()
    protocols = ("smithy-rpc-v2-cbor", "json")
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", protocols)
    metadata = MODEL.metadata["protocols"]
    if "smithy-rpc-v2-cbor" not in metadata:
        pytest.skip("this botocore's WorkSpaces speaks no CBOR")
    client = server_aws.client(checked=False)
    pool_id = server_aws.create(client, Tags=[{"Key": "ä", "Value": "ö"}])
    shown, over_json = described(client, pool_id), described(json_client, pool_id)
    assert abs((shown.pop("CreatedAt") - over_json.pop("CreatedAt")).total_seconds()) < 1
    assert shown == over_json
    assert client.describe_tags(ResourceId=pool_id)["TagList"] == [{"Key": "ä", "Value": "ö"}]
    client.stop_workspaces_pool(PoolId=pool_id)
    with refused("ResourceNotFoundException") as answer:
        client.stop_workspaces_pool(PoolId="wspool-000000000")
    assert answer["ResourceId"] == "wspool-000000000"
    assert client.describe_workspaces()["Workspaces"] == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("fail", {"operation": "NoSuchOperation", "fault": {"kind": "error"}}),
        ("fail", {"operation": "*", "fault": {"kind": "no-such-kind"}}),
        ("fail", {"operation": "*", "fault": {"kind": "error", "status": 200}}),
        ("fail", {"operation": "*", "fault": 1}),
        ("fail", {"operation": "*", "fault": {"kind": "error"}, "times": -1}),
        ("fail", {"operation": "*", "fault": {"kind": "error"}, "skip": "x"}),
        ("drift", {"pool": "pool", "State": "BROKEN"}),
        ("drift", {"pool": "pool", "Capacity": 3}),
        ("drift", {"pool": "pool", "RunningMode": "NEVER"}),
        ("set_errors", {"pool": "pool", "errors": [["NO_SUCH_ERROR", ""]]}),
        ("set_tags", {"pool": "pool", "tags": {"a": 1}}),
        ("age", {"pool": "pool", "seconds": -1}),
        ("open_sessions", {"pool": "pool", "count": -1}),
        ("hold_next_creation", {"count": "many"}),
        ("stale_reads", {"count": -1}),
        ("stale_reads", {"operation": "NoSuchOperation"}),
        ("limit_rate", {}),
        ("limit_rate", {"rate": -1}),
        ("limit_rate", {"rate": "fast"}),
        ("limit_rate", {"rate": 5, "burst": 0}),
        ("limit_rate", {"rate": 5, "burst": 1.5}),
        ("limit_rate", {"rate": 5, "operation": "NoSuchOperation"}),
        ("add_pool", {"name": "-"}),
        ("add_pool", {"name": "new", "region": "nowhere-1"}),
        ("add_pool", {"name": "new", "account": "1"}),
        ("add_pool", {"name": "new", "Tags": 1}),
        ("add_directory", {"directory_id": "x"}),
        ("add_directory", {"workspace_type": "BOTH"}),
        ("add_bundle", {"bundle_id": "x"}),
        ("settings", {"timing": {"creating": -1}}),
        ("settings", {"timing": {"creating": "soon"}}),
        ("settings", {"state_after_creation": "BROKEN"}),
        ("settings", {"always_on_can_stop": "yes"}),
        ("settings", {"update_requires_stopped": ["NoSuchMember"]}),
        ("settings", {"pool_limit": -1}),
    ],
)
def test_control_values_that_make_no_sense_are_refused_in_a_sentence(
    server: EmulatorServer, name: str, arguments: dict[str, Any]
) -> None:
    server.emulator.add_pool("pool")
    before = server.emulator.pools()
    path = f"/workspaces-pools-emulator/{name}"
    status, answer = ask(server.url, json.dumps(arguments).encode(), {}, path)
    assert status == 400
    assert " " in json.loads(answer)["message"]
    assert server.emulator.pools() == before
    RemoteEmulator(server.url).configure()  # and the settings are as they were
    assert server.emulator.state_after_creation == "RUNNING"


def test_a_day_of_polling_leaves_the_memory_flat() -> None:
    emulator = Emulator()
    emulator.add_pool("pool")
    headers_of_a_poll = {**SIGNED, **JSON, "X-Amz-Target": f"WorkspacesService.{DESCRIBE}"}

    def poll(times: int) -> int:
        for _ in range(times):
            request = Request.from_primitives("POST", "http://127.0.0.1/", headers_of_a_poll, b"{}")
            assert emulator.dispatch(request, "http://127.0.0.1/", request.headers)[0] == 200
        gc.collect()
        return sys.getallocatedblocks()

    before = poll(CALLS_KEPT + 1)
    after = poll(24 * 60 * 60 // 5 - CALLS_KEPT)  # one every 5 seconds, as a waiter does
    assert len(emulator.calls) == CALLS_KEPT
    assert after - before < 2000
