"""The server: all of moto, many clients, real connections, control from other processes."""

import http.client
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from pulumi_workspaces_pool.testing.emulator import (
    EmulatorServer,
    Fault,
    RemoteEmulator,
    Timing,
    emulated_pools,
)
from pulumi_workspaces_pool.testing.emulator.models import WorkspacesPool

from .conftest import Aws, refused


@pytest.fixture
def remote(server: EmulatorServer) -> RemoteEmulator:
    return RemoteEmulator(server.url)


def test_it_serves_the_rest_of_moto(server_aws: Any) -> None:
    assert server_aws.client("sts").get_caller_identity()["Account"] == "123456789012"
    vpc = server_aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]
    assert vpc["VpcId"].startswith("vpc-")
    server_aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    assert server_aws.client("cloudwatch").list_metrics()["Metrics"] == []


def test_moto_shows_and_forgets_pools_and_its_tagging_finds_them(server_aws: Any) -> None:
    client, url = server_aws.client(), f"{server_aws.endpoint_url}/moto-api"
    pool_id = server_aws.create(client, Tags=[{"Key": "team", "Value": "blue"}])
    client.update_workspaces_pool(PoolId=pool_id, Description="changed")
    with urllib.request.urlopen(f"{url}/data.json") as answer:  # noqa: S310
        shown = [
            pool for kinds in json.load(answer).values() for pool in kinds.get("WorkspacesPool", ())
        ]
    assert [pool["pool_id"] for pool in shown] == [pool_id]
    tagging = server_aws.client("resourcegroupstaggingapi")
    arn = server_aws.emulator.pool(pool_id)["PoolArn"]
    found = tagging.get_resources(ResourceTypeFilters=["workspaces:workspacespool"])
    assert found["ResourceTagMappingList"] == [
        {"ResourceARN": arn, "Tags": [{"Key": "team", "Value": "blue"}]}
    ]
    tagging.tag_resources(ResourceARNList=[arn], Tags={"more": "yes"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["team"])
    assert server_aws.emulator.pool(pool_id)["Tags"] == {"more": "yes"}
    with urllib.request.urlopen(f"{url}/reset", b""):  # noqa: S310
        assert client.describe_workspaces_pools()["WorkspacesPools"] == []
    server_aws.emulator.stale_reads()
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []


def test_it_listens_on_the_loopback_address_and_a_client_there_needs_its_environment_only(
    server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    client: Any = boto3.Session().client("workspaces")
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []


def test_a_hundred_clients_at_once(server_aws: Any) -> None:
    clients = [server_aws.client(checked=False) for _ in range(10)]

    def live(number: int) -> str:
        client = clients[number % 10]
        pool_id = str(server_aws.create(client, f"pool-{number}"))
        client.create_tags(ResourceId=pool_id, Tags=[{"Key": "a", "Value": str(number)}])
        client.stop_workspaces_pool(PoolId=pool_id)
        if number % 2:
            client.terminate_workspaces_pool(PoolId=pool_id)
        return pool_id

    with ThreadPoolExecutor(100) as executor:
        ids = list(executor.map(live, range(100)))
    assert len(set(ids)) == 100
    assert {pool["PoolId"]: pool["Tags"]["a"] for pool in server_aws.emulator.pools()} == {
        pool_id: str(number) for number, pool_id in enumerate(ids) if number % 2 == 0
    }
    assert len(server_aws.emulator.calls) == 350


def test_of_many_creations_with_one_name_one_succeeds(
    server_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = server_aws.client()
    make = WorkspacesPool.__init__

    def make_slowly(self: WorkspacesPool, *positional: Any, **named: Any) -> None:
        time.sleep(0.05)  # between the check of the name and the taking of it
        make(self, *positional, **named)

    monkeypatch.setattr(WorkspacesPool, "__init__", make_slowly)

    def create(_: int) -> bool:
        try:
            server_aws.create(client, "wanted")
        except client.exceptions.ResourceAlreadyExistsException:
            return False
        return True

    with ThreadPoolExecutor(20) as executor:
        assert sum(executor.map(create, range(20))) == 1


def test_a_dropped_connection_carries_not_one_byte(server: EmulatorServer) -> None:
    server.emulator.fail("*", Fault.dropped_after())
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    target = {"X-Amz-Target": "WorkspacesService.DescribeWorkspacesPools"}
    connection.request("POST", "/", b"{}", target)
    with pytest.raises(ConnectionResetError):  # http.client's own is one, where no byte came
        connection.getresponse()
    assert len(server.emulator.calls) == 1


def test_a_stopped_server_answers_nobody_and_starts_where_it_was() -> None:
    with EmulatorServer() as server:
        client = Aws(server.emulator, server.url).client()
        server.emulator.add_pool("pool")
        client.describe_workspaces_pools()
        server.stop()
        server.stop()
        with pytest.raises(EndpointConnectionError):
            client.describe_workspaces_pools()
        server.start()
        server.start()
        assert len(client.describe_workspaces_pools()["WorkspacesPools"]) == 1


def test_a_port_that_is_taken_is_an_os_error(server: EmulatorServer) -> None:
    with pytest.raises(OSError, match="in use"):
        EmulatorServer(int(server.url.rsplit(":", 1)[1])).start()


def test_two_servers_and_the_in_process_form_hold_pools_apart(server_aws: Any) -> None:
    with EmulatorServer() as other, emulated_pools() as inside:  # which empties moto as it begins
        server_aws.create(server_aws.client(), "here")
        other.emulator.add_pool("there")
        inside.add_pool("inside")
        assert [pool["PoolName"] for pool in server_aws.emulator.pools()] == ["here"]
        assert [pool["PoolName"] for pool in other.emulator.pools()] == ["there"]
        assert [pool["PoolName"] for pool in inside.pools()] == ["inside"]
        found = server_aws.client().describe_workspaces_pools()["WorkspacesPools"]
        assert [pool["PoolName"] for pool in found] == ["here"]


def test_the_remote_control_does_what_the_emulator_does(
    server_aws: Any, remote: RemoteEmulator
) -> None:
    emulator, client = server_aws.emulator, server_aws.client()
    assert remote.default_bundle_id == emulator.default_bundle_id
    assert remote.other_directory_id == emulator.other_directory_id
    remote.hold_next_creation()
    pool_id = server_aws.create(client, "pool")
    assert remote.pool("pool") == emulator.pool(pool_id)
    assert remote.pool(pool_id)["State"] == "CREATING"
    remote.release("pool")
    remote.drift("pool", Description="Drifted", State="STOPPED")
    remote.set_tags("pool", {"a": "b", "c": "d"})
    remote.remove_tags("pool", {"a"})
    remote.set_errors("pool", [("SUBNET_NOT_FOUND", "gone")])
    assert len(remote.open_sessions("pool", 2)) == 2
    remote.hold("pool")
    assert remote.pools() == emulator.pools()
    assert remote.pools(region="eu-west-1") == []
    remote.close_sessions("pool")
    remote.age("pool", seconds=5)
    assert [call.operation for call in remote.calls] == ["CreateWorkspacesPool"]
    assert remote.writes() == emulator.writes()
    remote.clear_calls()
    remote.remove("pool")
    theirs = remote.add_pool("theirs", region="eu-west-1", Capacity={"DesiredUserSessions": 4})
    assert emulator.pool(theirs)["CapacityStatus"]["DesiredUserSessions"] == 4
    assert remote.add_directory(workspace_type="PERSONAL")
    assert remote.add_bundle("wsb-fromafar0") == "wsb-fromafar0"
    remote.reset()
    assert remote.pools() == []
    assert remote.calls == []


def test_the_remote_control_plans_faults_and_sets_settings(
    server_aws: Any, remote: RemoteEmulator
) -> None:
    client = server_aws.client()
    remote.fail("CreateWorkspacesPool", Fault.access_denied("CreateWorkspacesPool"), times=1)
    with refused("AccessDeniedException"):
        server_aws.create(client)
    remote.timing = Timing(creating=9)
    assert remote.timing == Timing(creating=9) == server_aws.emulator.timing
    remote.configure(state_after_creation="STOPPED", update_requires_stopped={"BundleId"})
    assert server_aws.emulator.state_after_creation == "STOPPED"
    assert server_aws.emulator.update_requires_stopped == {"BundleId"}
    assert remote.update_requires_stopped == {"BundleId"}
    pool_id = server_aws.create(client)
    remote.stale_reads()
    with refused("ResourceNotFoundException"):
        client.describe_workspaces_pools(PoolIds=[pool_id])
    remote.fail("*", Fault.throttling(), times=9)
    remote.clear_faults()
    client.describe_workspaces_pools()


def test_mistakes_in_remote_control_are_told(remote: RemoteEmulator) -> None:
    with pytest.raises(KeyError, match="no pool nobody"):
        remote.pool("nobody")
    remote.add_pool("pool")
    with pytest.raises(TypeError, match="Colour"):
        remote.drift("pool", Colour="blue")
    with pytest.raises(ValueError, match="already"):
        remote.add_pool("pool")
    with pytest.raises(AttributeError, match="no setting"):
        remote.configure(colour="blue")
    with pytest.raises(ValueError, match="set when the emulator starts"):
        remote.configure(default_bundle_id="wsb-another")
    with pytest.raises(AttributeError):
        remote.on("*", "before", print)


def test_the_control_is_plain_json_over_http(server: EmulatorServer) -> None:
    def ask(name: str, body: bytes | None = None) -> Any:
        url = f"{server.url}/workspaces-pools-emulator/{name}"
        with urllib.request.urlopen(url, body) as answer:  # noqa: S310
            return json.load(answer)

    server.emulator.add_pool("pool")
    assert ask("pools")[0]["PoolName"] == "pool"
    ask("drift", b'{"pool": "pool", "Description": "x"}')
    assert server.emulator.pool("pool")["Description"] == "x"
    for name, body, status in (
        ("nothing", b"", 404),
        ("_clear", b"", 404),
        ("drift", b"not json", 400),
        ("drift", b"[]", 400),
    ):
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(name, body)
        assert error.value.code == status
        assert json.load(error.value)["message"]
