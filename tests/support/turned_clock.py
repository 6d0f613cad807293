"""A clock that tests turn, and AWS answers that they script: waits of half an hour in no time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.errors import AwsError
from pulumi_workspaces_pool.waiter import Clock, Deadline, Poller, Waiter

POOL_ID = "wspool-000000001"
ARN = f"arn:aws:workspaces:us-east-1:111122223333:workspacespool/{POOL_ID}"
POOL = {
    "PoolId": POOL_ID,
    "PoolArn": ARN,
    "PoolName": "desks",
    "State": "RUNNING",
    "BundleId": "wsb-emulated1",
    "DirectoryId": "wsd-emulated1",
    "Description": "Desks",
    "RunningMode": "AUTO_STOP",
    "CapacityStatus": {"DesiredUserSessions": 2},
}


class TurnedClock(Clock):
    """A clock on which a wait is over as soon as it begins."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        self.seconds += seconds
        condition.wait(0)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class ScriptedAws(Aws):
    """An account with one pool, whose answers are functions of the seconds since the start.

    Attributes:
        pool: the pool, which `shown` may show otherwise or not at all.
        refusals: by operation, what refuses a call, if it returns an error code.
        effects: by operation, what a call that is accepted does.
        calls: the operations that were called, with their parameters and their second.
    """

    def __init__(self, clock: TurnedClock) -> None:
        super().__init__(Settings(), "us-east-1")
        self.clock = clock
        self.pool: dict[str, Any] | None = dict(POOL)
        self.tags: dict[str, str] = {}
        self.refusals: dict[str, Callable[[float], str | None]] = {}
        self.effects: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.shown: Callable[[float], dict[str, Any] | None] = lambda _seconds: self.pool
        self.calls: list[tuple[str, dict[str, Any], float]] = []
        self.started = clock.now()

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        seconds = self.clock.now() - self.started
        self.calls.append((operation, parameters, seconds))
        refuses, takes_effect = self.refusals.get(operation), self.effects.get(operation)
        refused = refuses(seconds) if refuses else None
        if refused:
            raise AwsError(operation, refused, "The script says so.")
        if takes_effect:
            takes_effect(parameters)
        if operation == "DescribeWorkspacesPools":
            pool = self.shown(seconds)
            return {"WorkspacesPools": [pool] if pool else []}
        if operation == "DescribeTags":
            return {"TagList": [{"Key": key, "Value": value} for key, value in self.tags.items()]}
        if operation == "DescribeWorkspacesPoolSessions":
            return {"Sessions": []}
        return {"WorkspacesPool": self.pool}

    def named(self, *operations: str) -> list[str]:
        """The calls so far that are of some operations, or of any but looks."""
        names = [operation for operation, _, _ in self.calls]
        return [
            name
            for name in names
            if (name in operations if operations else not name.startswith("Describe"))
        ]


class Listener:
    """A reporter that keeps what it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ended = False

    def progress(self, line: str) -> None:
        self.lines.append(line)

    def warn(self, sentence: str) -> None:
        self.lines.append(sentence)

    def cancelled(self) -> bool:
        return self.ended

    def before_write(self) -> None:
        pass


def waiter(poller: Poller, listener: Listener, seconds: float = 1800) -> Waiter:
    return Waiter(poller, Deadline.after(seconds, poller.clock), listener)
