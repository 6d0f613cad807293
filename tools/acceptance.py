"""Tries a pool's life against a live AWS account, says beforehand what it costs, and cleans up."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pulumi_workspaces_pool.testing.stacks import NoCliError, StackUnderTest
from support.outcomes import CliStack, Outcome

DIRECTORY = "ACCEPTANCE_DIRECTORY_ID"
BUNDLE = "ACCEPTANCE_BUNDLE_ID"
PASSED, FAILED, NOT_RUN = 0, 1, 2
_LONGEST_UPDATE_SECONDS = 30 * 60

_PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi_workspaces_pool import WorkspacesPool

declared = json.loads(Path(__file__).with_name("pool.json").read_text())
pool = WorkspacesPool("acceptance", **declared)
for name in ("pool_id", "pool_arn", "pool_name", "state", "running_mode", "timeout_settings"):
    pulumi.export(name, getattr(pool, name))
"""


class BrokenPromiseError(Exception):
    """AWS or the provider did something else than it should."""


@dataclass(frozen=True)
class Place:
    """Where the pool is made."""

    account: str
    region: str
    directory_id: str
    bundle_id: str

    @classmethod
    def from_environment(cls) -> Place:
        """Read the ids, and ask AWS whose account it is.

        Raises:
            LookupError: something is missing; the message says what.
        """
        missing = [name for name in (DIRECTORY, BUNDLE) if not os.environ.get(name)]
        if missing:
            raise LookupError(f"Set {' and '.join(missing)}: it takes a directory and a bundle.")
        session = boto3.Session()
        region = os.environ.get("AWS_REGION") or session.region_name
        if region is None:
            raise LookupError("Set AWS_REGION.")
        try:
            account = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise LookupError(f"AWS cannot be reached with these credentials: {error}") from None
        return cls(account, region, os.environ[DIRECTORY], os.environ[BUNDLE])


@dataclass
class Trial:
    """The stack, whose program declares a pool of a name, and AWS's own view of that pool."""

    place: Place
    stack: CliStack
    name: str
    _arguments: dict[str, Any] = field(default_factory=dict)

    def declare(self, **changes: Any) -> None:
        """Change what the program declares."""
        self._arguments.update(changes)
        (self.stack.folder / "pool.json").write_text(json.dumps(self._arguments))

    def run(self, operation: str, **changes: int) -> Outcome:
        """Run an operation on the stack and hold it to what it is to change."""
        outcome: Outcome = getattr(self.stack, operation)()
        _expect(outcome.ok, outcome.text)
        _expect(outcome.changes == changes, f"changes were {outcome.changes}:\n{outcome.text}")
        return outcome

    @property
    def workspaces(self) -> Any:
        """A client of the WorkSpaces API, beside the provider."""
        return boto3.client("workspaces", region_name=self.place.region)

    def pools(self) -> list[dict[str, Any]]:
        """The pools of this trial, as AWS has them."""
        named = [{"Name": "PoolName", "Operator": "EQUALS", "Values": [self.name]}]
        answer = self.workspaces.describe_workspaces_pools(Filters=named)
        return list(answer["WorkspacesPools"])

    def pool(self) -> dict[str, Any]:
        """The one pool of this trial."""
        found = self.pools()
        _expect(len(found) == 1, f"AWS has {len(found)} pools named {self.name}")
        return found[0]


def _create(trial: Trial) -> None:
    preview = trial.run("preview", create=2)
    _expect(not trial.pools(), f"a preview made a pool:\n{preview.text}")
    up = trial.run("up", create=2)
    pool = trial.pool()
    _expect(pool["PoolId"] == up.outputs["pool_id"], "the outputs name another pool")
    _expect(pool["PoolArn"] == up.outputs["pool_arn"], "the outputs hold another ARN")
    tags = trial.workspaces.describe_tags(ResourceId=pool["PoolId"])["TagList"]
    own = {tag["Key"] for tag in tags if not tag["Key"].startswith("aws:")}
    _expect(own == {"Purpose"}, f"the pool has the tags {sorted(own)}")
    print(
        f"    AWS left the new pool {pool['State']}, with the running mode "
        f"{pool.get('RunningMode')} and the timeouts {pool.get('TimeoutSettings')}."
    )


def _keep(trial: Trial) -> None:
    trial.run("up", same=2)
    trial.run("refresh", same=2)


def _change(declared: dict[str, Any], holds: dict[str, Any], trial: Trial) -> None:
    """Change the pool in place, and hold AWS to the fields that it then has."""
    before = trial.pool()["PoolId"]
    trial.declare(**declared)
    trial.run("up", update=1, same=1)
    pool = trial.pool()
    _expect(pool["PoolId"] == before, "the pool was replaced")
    for name, value in holds.items():
        found = pool[name]
        if isinstance(value, dict):
            found = {member: found.get(member) for member in value}
        _expect(found == value, f"{name} is {found}, and not {value}")


def _drift(trial: Trial) -> None:
    pool_id = trial.pool()["PoolId"]
    trial.workspaces.update_workspaces_pool(PoolId=pool_id, Description="Changed by hand")
    deadline = time.monotonic() + _LONGEST_UPDATE_SECONDS
    while trial.pool()["State"] == "UPDATING":
        _expect(time.monotonic() < deadline, "the pool was still UPDATING half an hour later")
        time.sleep(5)
    trial.run("refresh", update=1, same=1)
    trial.run("up", update=1, same=1)
    _expect(trial.pool()["Description"] != "Changed by hand", "the change by hand is still there")


def _delete(trial: Trial) -> None:
    trial.run("destroy", delete=2)
    _expect(not trial.pools(), "the pool is still there")


STEPS: tuple[tuple[str, Callable[[Trial], None]], ...] = (
    ("A preview makes nothing, up makes the pool", _create),
    ("A second up and a refresh find nothing to do", _keep),
    (
        "A description, a timeout and tags change in place",
        partial(
            _change,
            {
                "description": "Acceptance trial - changed",
                "timeout_settings": {"disconnect_timeout_in_seconds": 600},
                "tags": {"Purpose": "acceptance", "Changed": "yes"},
            },
            {
                "Description": "Acceptance trial - changed",
                "TimeoutSettings": {"DisconnectTimeoutInSeconds": 600},
            },
        ),
    ),
    ("A change by hand is seen and put right", _drift),
    ("The pool stops", partial(_change, {"desired_state": "STOPPED"}, {"State": "STOPPED"})),
    ("The pool starts", partial(_change, {"desired_state": "RUNNING"}, {"State": "RUNNING"})),
    (
        "The running mode of a running pool changes",
        partial(
            _change,
            {"running_mode": "ALWAYS_ON"},
            {"RunningMode": "ALWAYS_ON", "State": "RUNNING"},
        ),
    ),
    ("Destroy deletes the pool", _delete),
)


def main() -> int:
    """Run the trial; the exit code is PASSED, FAILED or NOT_RUN."""
    parser = argparse.ArgumentParser(prog="python -m tools.acceptance", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="go on without asking")
    given = parser.parse_args()
    name = f"acceptance-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="acceptance-") as folder:
        try:
            trial = _trial(Place.from_environment(), name, Path(folder))
        except (LookupError, NoCliError) as error:
            print(error, file=sys.stderr)
            return NOT_RUN
        _announce(trial)
        if not given.yes and not _agreed():
            print("Nothing was done.")
            return NOT_RUN
        return _run(trial)


def _announce(trial: Trial) -> None:
    place, name = trial.place, trial.name
    print(
        f"""\
This trial works on AWS account {place.account}, in {place.region}, with the Pulumi CLI
{trial.stack.stack.workspace.pulumi_version}.

It will create, change, stop, start and delete ONE WorkSpaces pool with ONE user session:
    name       {name}
    directory  {place.directory_id}
    bundle     {place.bundle_id}
It changes nothing else, and deletes the pool at the end, also when something fails.

It takes 30 to 90 minutes, as a pool takes minutes to come up and to stop. AWS bills the pool by the
hour while it runs: count with two hours of one session of this bundle, on-demand
(https://aws.amazon.com/workspaces/desktop/pricing/). No user streams, so no user fee is due.
"""
    )


def _agreed() -> bool:
    try:
        return input("Go on? Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def _trial(place: Place, name: str, folder: Path) -> Trial:
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: acceptance\nruntime: python\n")
    (program / "__main__.py").write_text(_PROGRAM)
    stack = StackUnderTest(
        program, name="acceptance", state=folder / "state", environment=_own_settings()
    )
    trial = Trial(place, CliStack(stack), name)
    trial.declare(
        pool_name=name,
        description="Acceptance trial",
        bundle_id=place.bundle_id,
        directory_id=place.directory_id,
        capacity={"desired_user_sessions": 1},
        tags={"Purpose": "acceptance"},
        region=place.region,
    )
    return trial


def _own_settings() -> dict[str, str]:
    """The person's AWS settings, which stacks under test would not see otherwise."""
    files = {
        "AWS_CONFIG_FILE": str(Path("~/.aws/config").expanduser()),
        "AWS_SHARED_CREDENTIALS_FILE": str(Path("~/.aws/credentials").expanduser()),
    }
    own = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    return {**files, **own}


def _run(trial: Trial) -> int:
    """Take the steps until one fails; whatever happens, leave no pool behind."""
    try:
        for number, (title, step) in enumerate(STEPS, start=1):
            print(f"[{number}/{len(STEPS)}] {title} ...", flush=True)
            begun = time.monotonic()
            step(trial)
            print(f"    yes, after {time.monotonic() - begun:.0f} s", flush=True)
    except (BrokenPromiseError, BotoCoreError, ClientError, LookupError) as error:
        print(f"    NO: {error}", flush=True)
        _clean_up(trial)
        return FAILED
    except BaseException:
        _clean_up(trial)
        raise
    print("Every promise was kept, and nothing is left.")
    return PASSED


def _clean_up(trial: Trial) -> None:
    print("Deleting what is left ...", flush=True)
    destroy = trial.stack.destroy()
    left = trial.pools()
    print(destroy.text if left else "Nothing is left.", flush=True)
    for pool in left:
        print(
            f"STILL THERE, and billed while it runs: {pool['PoolId']} ({pool['State']}). "
            "Delete it:\n"
            f"    aws workspaces terminate-workspaces-pool --region {trial.place.region} "
            f"--pool-id {pool['PoolId']}",
            flush=True,
        )


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise BrokenPromiseError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
