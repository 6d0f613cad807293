"""What is measured: four ways to have the same number of pools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_POOLS = """
import pulumi
from pulumi_workspaces_pool import WorkspacesPool

for number in range({count}):
    WorkspacesPool(
        f"pool-{{number}}",
        description="{description}",
        bundle_id="wsb-emulated1",
        directory_id="wsd-emulated1",
        capacity={{"desired_user_sessions": 1}},
    )
"""

_NO_OP = """
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id, olds, news):
        return DiffResult(changes=olds["description"] != news["description"])

    def create(self, props):
        return CreateResult("none", {{**OUTPUTS, **props}})

    def update(self, _id, _olds, news):
        return UpdateResult({{**OUTPUTS, **news}})


# As many outputs as a pool has: the SDK takes its time for each.
OUTPUTS = {{f"output{{number}}": "text" for number in range(13)}}


class Nothing(Resource, name="Nothing"):
    pass


for number in range({count}):
    Nothing(
        Provider(),
        f"pool-{{number}}",
        {{
            **dict.fromkeys(OUTPUTS),
            "description": "{description}",
            "bundleId": "wsb-emulated1",
            "directoryId": "wsd-emulated1",
            "capacity": {{"desiredUserSessions": 1}},
        }},
    )
"""

# The SDK wraps the pickler once more for each resource: some hundred end in a RecursionError.
_SERIALIZED_ONCE = f"""
from pulumi.dynamic import dynamic

serialize, serialized = dynamic.serialize_provider, []


def serialize_once(provider):
    if not serialized:
        serialized.append(serialize(provider))
    return serialized[0]


dynamic.serialize_provider = serialize_once
{_NO_OP}
dynamic.serialize_provider = serialize
"""

_AS_SHIPPED = """
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider


def client():
    import boto3

    return boto3.client("workspaces")


def wait(pool_id, states):
    import time

    while True:
        try:
            found = client().describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"]
        except client().exceptions.ResourceNotFoundException:
            return
        if found[0]["State"] in states:
            return
        time.sleep(1)


class Provider(ResourceProvider):
    def diff(self, _id, _olds, _news):
        return DiffResult(changes=False)

    def create(self, props):
        pool = client().create_workspaces_pool(
            PoolName=props["name"],
            Description="Benchmark",
            BundleId="wsb-emulated1",
            DirectoryId="wsd-emulated1",
            Capacity={{"DesiredUserSessions": 1}},
        )["WorkspacesPool"]
        wait(pool["PoolId"], ("RUNNING", "STOPPED"))
        return CreateResult(pool["PoolId"], props)

    def read(self, id_, props):
        client().describe_workspaces_pools(PoolIds=[id_])
        client().describe_tags(ResourceId=id_)
        return ReadResult(id_, props)

    def delete(self, id_, _props):
        client().stop_workspaces_pool(PoolId=id_)
        wait(id_, ("STOPPED",))
        client().terminate_workspaces_pool(PoolId=id_)
        wait(id_, ())


class Pool(Resource, name="Pool"):
    pass


for number in range({count}):
    Pool(Provider(), f"pool-{{number}}", {{"name": f"pool-{{number}}"}})
"""

# The limit: no engine, no state, a thread for each pool, and a limiter for each operation.
PLAIN_SCRIPT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def client():
    retries = {"mode": "adaptive", "total_max_attempts": 1000}
    return boto3.client("workspaces", config=Config(max_pool_connections=256, retries=retries))


creating, describing = client(), client()


def create(number):
    pool = creating.create_workspaces_pool(
        PoolName=f"pool-{number}",
        Description="Benchmark",
        BundleId="wsb-emulated1",
        DirectoryId="wsd-emulated1",
        Capacity={"DesiredUserSessions": 1},
    )["WorkspacesPool"]
    while pool["State"] != "RUNNING":
        time.sleep(float(sys.argv[2]))
        found = describing.describe_workspaces_pools(PoolIds=[pool["PoolId"]])
        pool = found["WorkspacesPools"][0]


count = int(sys.argv[1])
with ThreadPoolExecutor(count) as threads:
    list(threads.map(create, range(count)))
"""


@dataclass(frozen=True)
class Program:
    """A Pulumi program that declares `{count}` resources, perhaps with a `{description}`."""

    name: str
    source: str

    def write(self, folder: Path, count: int, description: str = "Benchmark") -> Path:
        """Write a project folder; returns it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        source = self.source.format(count=count, description=description)
        (folder / "__main__.py").write_text(source)
        return folder


POOLS = Program("pools", _POOLS)
NO_OP = Program("no-op", _NO_OP)
MANY_NO_OP = Program("no-op", _SERIALIZED_ONCE)
AS_SHIPPED = Program("as shipped", _AS_SHIPPED)
