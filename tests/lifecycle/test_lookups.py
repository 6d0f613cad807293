"""Lookups: a program finds pools that it does not manage."""

from __future__ import annotations

import contextvars
import json
import threading
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from pulumi_workspaces_pool import (
    get_workspaces_pool,
    get_workspaces_pool_output,
    get_workspaces_pools,
    get_workspaces_pools_output,
)
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.world import World

ROLE = "arn:aws:iam::111122223333:role/deploy"
PROGRAM = f"""
import pulumi_workspaces_pool as pools

one = pools.get_workspaces_pool(pool_name="desks")
again = pools.get_workspaces_pool_output(pool_id=Output.from_input(one.pool_id))
every = pools.get_workspaces_pools()
some = pools.get_workspaces_pools_output(
    filters=[{{"operator": "CONTAINS", "values": [Output.from_input("lab")]}}]
)
role = {{"role_arn": Output.from_input("{ROLE}")}}
theirs = pools.get_workspaces_pool_output(pool_name="desks", assume_role=role)
all_theirs = pools.get_workspaces_pools(assume_role={{"role_arn": "{ROLE}"}})
pulumi.export("theirs", [theirs.pool_id, *[pool.pool_id for pool in all_theirs]])
pulumi.export("one", [one.pool_id, one.tags, one.capacity.desired_user_sessions, one.state])
pulumi.export("again", again.pool_name)
pulumi.export("idle", again.timeout_settings.idle_disconnect_timeout_in_seconds)
pulumi.export("every", [pool.pool_name for pool in every])
pulumi.export("some", some.apply(lambda found: [pool.pool_name for pool in found]))
"""


def test_pools_are_found_by_name_by_id_by_filter_and_in_another_account(world: World) -> None:
    emulator = world.emulator
    desks = emulator.add_pool("desks", Tags={"Team": "design", "aws:made": "by AWS"})
    for name in ("lab-a", "lab-b"):
        emulator.add_pool(name)
    theirs = emulator.add_pool("desks", account="111122223333")
    desired = emulator.pool(desks)["CapacityStatus"]["DesiredUserSessions"]
    assert world.up(PROGRAM).outputs == {
        "theirs": [theirs, theirs],
        "one": [desks, {"Team": "design"}, desired, "RUNNING"],
        "again": "desks",
        "idle": 0,
        "every": ["desks", "lab-a", "lab-b"],
        "some": ["lab-a", "lab-b"],
    }
    assert emulator.writes() == []


def test_a_pool_that_is_not_there_is_named_in_one_sentence(world: World) -> None:
    world.program(PROGRAM)
    world.stack.preview().expect_failure('The pool "desks" does not exist in us-east-1')


def test_a_secret_name_is_masked_where_there_is_no_such_pool(world: World) -> None:
    world.program(
        """
        from pulumi_workspaces_pool import get_workspaces_pool_output

        get_workspaces_pool_output(pool_name=Output.secret("hidden-name"), region="us-east-1")
        """
    )
    preview = world.stack.preview(debug=True)
    preview.expect_failure('The pool "[secret]" does not exist in')
    assert "hidden-name" not in preview.text


OPTIONS = """
import pulumi_workspaces_pool as pools

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("company:index:Team", name)

team, made = Team("team"), {made}
opts = pulumi.{kind}({option})
found = pools.{function}(opts=opts, **{arguments})
pulumi.export("found", found.pool_name)
"""


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("parent=team", ""),
        ('provider=pulumi.ProviderResource("pulumi-python", "p", {})', "provider has no effect"),
        ('version="1.0.0"', "version has no effect here"),
        ('plugin_download_url="https://example.com"', "plugin_download_url has no effect here"),
    ],
)
def test_each_invoke_option_is_harmless_or_refused_by_name(
    world: World, option: str, said: str
) -> None:
    world.emulator.add_pool("desks")
    given = {"made": None, "arguments": {"pool_name": "desks"}, "kind": "InvokeOptions"}
    world.program(OPTIONS.format(option=option, function="get_workspaces_pool", **given))
    up = world.stack.up()
    if not said:
        assert up.outputs == {"found": "desks"}
    else:
        up.expect_failure(f"The options of get_workspaces_pool cannot be used: {said}")
    known = {"parent", "provider", "version", "plugin_download_url"}
    assert set(vars(pulumi.InvokeOptions())) == known


@pytest.mark.parametrize("wrapped", ["made", "[made]", "Output.from_input([made])"])
def test_an_output_lookup_waits_for_what_it_depends_on(world: World, wrapped: str) -> None:
    program = OPTIONS.format(
        made='pool("desks", pool_name="desks")',
        kind="InvokeOutputOptions",
        option=f"depends_on={wrapped}",
        function="get_workspaces_pool_output",
        arguments={"pool_name": "desks"},
    )
    world.program(program)
    world.stack.preview().expect()
    assert world.up(program).outputs == {"found": "desks"}
    world.program(program.replace("pool_output", "pool"))
    world.stack.preview().expect_failure("depends_on has no effect here: only the form for outputs")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("get_workspaces_pool(pool_id=5)", "pool_id must be a string, but is a whole number"),
        ("get_workspaces_pool(pool_id='wsb-1')", "pool_id must match the pattern"),
        ("get_workspaces_pool(pool_name='a', region=['b'])", "region must be a string, but is a"),
        ("get_workspaces_pools(assume_role='a')", "assume_role must be an object, but is a string"),
        ("get_workspaces_pools(assume_role={'role': 1})", "assume_role.role is not a property"),
        ("get_workspaces_pools(filters=['a'])", "filters must be a list of an operator"),
        (
            "get_workspaces_pools(filters=[{'operator': 'EQUAL', 'values': ['ab']}])",
            "EQUALS, NOTEQUALS, CONTAINS, NOTCONTAINS",
        ),
        (
            "get_workspaces_pools(filters=[{'operator': 'EQUALS', 'values': []}])",
            "with 1 to 25 values of 2 to 64 characters",
        ),
        ("get_workspaces_pools(region='us-esat-1')", "did you mean us-east-1?"),
        ("get_workspaces_pools(filters=[{'operator': 'EQUALS'}])", "filters must be a list of an"),
        ("get_workspaces_pools(opts={})", "The opts of get_workspaces_pools must be InvokeOptions"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(call: str, said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        eval(call)  # noqa: S307  # of this table


class Mocks(pulumi.runtime.Mocks):
    """Pools as a user's unit test has them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        self.calls.append((args.token, args.args))
        pool = {"poolId": "wspool-mocked123", "poolName": "desks", "tags": {"a": "b"}}
        return {"pools": [pool]} if args.token.endswith("Pools") else pool

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return "id", args.inputs


def test_a_users_mocks_answer_lookups_and_no_call_reaches_aws(
    aws_here: EmulatorServer,
) -> None:
    mocks = Mocks()
    seen: list[Any] = []

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # so it is
    def program() -> Any:
        one = get_workspaces_pool(pool_name="desks", assume_role={"role_arn": ROLE})
        seen.extend([one.pool_id, one.tags, one.description])
        seen.extend(pool.pool_name for pool in get_workspaces_pools())
        later = get_workspaces_pool_output(pool_id=pulumi.Output.from_input("wspool-mocked123"))
        every = get_workspaces_pools_output().apply(len)
        return pulumi.Output.all(later.pool_name, every).apply(seen.extend)

    def run() -> None:
        pulumi.runtime.set_mocks(mocks)
        program()

    contextvars.copy_context().run(run)
    assert seen == ["wspool-mocked123", {"a": "b"}, None, "desks", "desks", 1]
    prefix = "workspaces-pool:index:getWorkspacesPool"
    arguments = {"poolName": "desks", "assumeRole": {"roleArn": ROLE}}
    assert mocks.calls[0] == (prefix, arguments)
    assert mocks.calls[1] == (f"{prefix}s", {})
    assert aws_here.emulator.calls == []


def test_each_inline_stack_and_each_run_has_an_account_of_its_own(
    tmp_path: Path, aws_here: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = tmp_path / "profiles"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
    monkeypatch.setenv("PULUMI_BACKEND_URL", tmp_path.as_uri())
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "for-tests")
    first, second = "111122223333", "444455556666"
    for account in (first, second):
        aws_here.emulator.add_pool("desks", account=account)

    def program() -> None:
        pulumi.export("arn", get_workspaces_pool(pool_name="desks").pool_arn)

    def stack(name: str, **config: str) -> automation.Stack:
        made = automation.create_or_select_stack(name, project_name="looks", program=program)
        made.set_all_config(
            {key.replace("_", ":"): automation.ConfigValue(value) for key, value in config.items()}
        )
        return made

    def account_of(stack: automation.Stack) -> str:
        return str(stack.up().outputs["arn"].value).split(":")[4]

    def profile(account: str) -> None:
        role = ROLE.replace(first, account)
        source = "credential_source = Environment"
        profiles.write_text(f"[profile work]\nrole_arn = {role}\n{source}\n")

    one = stack("one", aws_assumeRoles=f'[{{"roleArn": "{ROLE}"}}]')
    two = stack("two", aws_assumeRoles=f'[{{"roleArn": "{ROLE.replace(first, second)}"}}]')
    assert [account_of(one), account_of(two), account_of(one)] == [first, second, first]
    of_profile = stack("profile", aws_profile="work")
    for account in (first, second):
        profile(account)
        assert account_of(of_profile) == account


def test_the_tags_of_many_pools_are_read_at_once(
    aws_here: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_workspaces_pool.pools import Pools  # noqa: PLC0415

    for number in range(8):
        aws_here.emulator.add_pool(f"desks-{number}", Tags={"Number": str(number)})
    all_at_once, read = threading.Barrier(8), Pools.tags

    def tags(pools: Pools, pool_id: str) -> dict[str, str]:
        all_at_once.wait(timeout=30)
        return read(pools, pool_id)

    monkeypatch.setattr(Pools, "tags", tags)
    found = get_workspaces_pools(region="us-east-1")
    assert [(pool.pool_name, pool.tags["Number"]) for pool in found] == [
        (f"desks-{number}", str(number)) for number in range(8)
    ]


def test_a_key_that_does_not_exist_is_refused_by_a_lookup_as_by_a_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:regoin": "us-east-1"}))
    with pytest.raises(pulumi.RunError, match=r"aws:regoin.*aws:region"):
        get_workspaces_pools()


def test_tags_that_the_stack_ignores_are_in_no_lookup(
    aws_here: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored = json.dumps({"keys": ["Scanner"], "keyPrefixes": ["kubernetes.io/"]})
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:ignoreTags": ignored}))
    tags = {"Team": "design", "Scanner": "1", "kubernetes.io/pool": "x"}
    aws_here.emulator.add_pool("desks", Tags=tags)
    found = [get_workspaces_pool(pool_name="desks"), *get_workspaces_pools()]
    assert [pool.tags for pool in found] == [{"Team": "design"}] * 2
