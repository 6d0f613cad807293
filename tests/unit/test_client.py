"""Each operation of AWS has a client of its own, and with it botocore's limiter of its rate."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session

from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.testing.emulator import EmulatorServer


def test_each_operation_has_one_client_of_one_session(
    emulated_aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Session] = []
    create = Session.create_client

    def count(session: Session, *arguments: Any, **settings: Any) -> Any:
        made.append(session)
        return create(session, *arguments, **settings)

    for name, value in emulated_aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Session, "create_client", count)
    aws = Aws(Settings(), "us-east-1")
    aws.prepare()
    for _ in range(2):
        aws.call("DescribeWorkspacesPools")
        aws.call("DescribeWorkspaceDirectories")
    assert aws.account == "123456789012"
    assert len(made) == 3
    assert len(set(made)) == 1
