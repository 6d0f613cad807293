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
        description="Benchmark",
        bundle_id="wsb-emulated1",
        directory_id="wsd-emulated1",
        capacity={{"desired_user_sessions": 1}},
    )
"""

_NO_OP = """
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=False)

    def create(self, props):
        return CreateResult("none", props)


class Nothing(Resource, name="Nothing"):
    pass


for number in range({count}):
    Nothing(
        Provider(),
        f"pool-{{number}}",
        {{
            "description": "Benchmark",
            "bundleId": "wsb-emulated1",
            "directoryId": "wsd-emulated1",
            "capacity": {{"desiredUserSessions": 1}},
        }},
    )
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

# The limit: no engine, no state, a thread for each pool.
PLAIN_SCRIPT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

client = boto3.client("workspaces", config=Config(max_pool_connections=256))


def create(number):
    pool = client.create_workspaces_pool(
        PoolName=f"pool-{number}",
        Description="Benchmark",
        BundleId="wsb-emulated1",
        DirectoryId="wsd-emulated1",
        Capacity={"DesiredUserSessions": 1},
    )["WorkspacesPool"]
    while pool["State"] != "RUNNING":
        time.sleep(0.5)
        pool = client.describe_workspaces_pools(PoolIds=[pool["PoolId"]])["WorkspacesPools"][0]


count = int(sys.argv[1])
with ThreadPoolExecutor(count) as threads:
    list(threads.map(create, range(count)))
"""


@dataclass(frozen=True)
class Program:
    """A Pulumi program that declares a number of resources.

    Attributes:
        name: what it is called in the table.
        source: its text, with `{count}` for the number.
    """

    name: str
    source: str

    def write(self, folder: Path, count: int) -> Path:
        """Write a project folder that declares `count` resources, and give it back."""
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (folder / "__main__.py").write_text(self.source.format(count=count))
        return folder


POOLS = Program("pools", _POOLS)
NO_OP = Program("no-op", _NO_OP)
AS_SHIPPED = Program("as shipped", _AS_SHIPPED)
