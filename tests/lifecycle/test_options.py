"""Pulumi's own features with pools: unknown values, and each resource option."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi
import pytest

from support.examples import use_stand_in
from support.world import World

COMPONENT = """
class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **arguments):
        super().__init__("company:index:Team", name, {}, opts)
        self.pool = pool(name + "-pool", ResourceOptions(parent=self), **arguments)
"""

CHAIN = """
first = pool("first", pool_name="{name}")
known_later = first.pool_id.apply
second = pool(
    "second",
    pool_name=known_later(lambda id: f"after-{{id}}"),
    description=Output.concat("After ", first.pool_id),
    bundle_id=known_later(lambda _: "wsb-emulated2"),
    directory_id=known_later(lambda _: "wsd-emulated2"),
    capacity={{"desired_user_sessions": known_later(lambda _: 3)}},
    tags=known_later(lambda id: {{"After": id}}),
    timeout_settings={{"disconnect_timeout_in_seconds": known_later(lambda _: 600)}},
)
third = pool("third", description="Third", tags={{"After": second.pool_arn}})
pulumi.export("ids", [first.pool_id, second.pool_id, third.pool_id])
"""


def test_every_option_is_used_here_or_refused_where_declarations_are() -> None:
    here = Path(__file__)
    refusals = here.parents[1] / "provider" / "test_declarations.py"
    calls = re.findall(r"ResourceOptions\(((?:[^()]|\([^()]*\))*)\)", here.read_text("utf-8"))
    used = {name for arguments in calls for name in re.findall(r"\b(\w+)=", arguments)}
    refused = set(re.findall(r'"(\w+) has no effect here', refusals.read_text("utf-8")))
    assert {name for name in vars(pulumi.ResourceOptions()) if name[0] != "_"} <= used | refused


def test_outputs_of_one_pool_are_inputs_of_another_and_unknown_in_a_preview(world: World) -> None:
    world.program(CHAIN.format(name="one"))
    world.stack.preview().expect(create=4)
    assert world.emulator.calls == []

    up = world.stack.up().expect()
    first, second, third = (world.emulator.pool(id_) for id_ in up.outputs["ids"])
    assert second["PoolName"] == f"after-{first['PoolId']}"
    assert second["Description"] == f"After {first['PoolId']}"
    assert (second["BundleId"], second["DirectoryId"]) == ("wsb-emulated2", "wsd-emulated2")
    assert second["CapacityStatus"]["DesiredUserSessions"] == 3
    assert second["Tags"] == {"After": first["PoolId"]}
    assert third["Tags"] == {"After": second["PoolArn"]}
    world.stack.up().expect(same=4)

    # What is unknown again counts as changed: a new name, as the preview shows, replaces.
    world.program(CHAIN.format(name="another"))
    world.stack.preview().expect(replace=2, update=1, same=1)


def test_an_additional_secret_output_is_encrypted(world: World) -> None:
    up = world.up(
        """
        paths = ["capacity.desired_user_sessions", "pool_arn", "application_settings.status"]
        desks = pool("desks", ResourceOptions(additional_secret_outputs=paths))
        pulumi.export("arn", desks.pool_arn)
        """
    )
    outputs = world.stack.resource("desks")["outputs"]
    for name in ("capacity", "poolArn", "applicationSettings"):
        assert "plaintext" in outputs[name], f"{name} is no secret"
    (pool,) = world.emulator.pools()
    assert pool["PoolArn"] not in up.text + world.on_disk()
    assert up.outputs == {"arn": pool["PoolArn"]}


def test_depends_on_and_parent_order_creation_and_deletion(world: World) -> None:
    world.up(
        COMPONENT
        + """
a = pool("a", pool_name="a")
b = pool("b", ResourceOptions(depends_on=[a]), pool_name="b")
team = Team("c", pool_name="c")
pool("d", ResourceOptions(depends_on=[team, b]), pool_name="d")
"""
    )
    created = [name for _, name in world.calls("CreateWorkspacesPool")]
    assert created.index("a") < created.index("b") < created.index("d")
    assert created.index("c") < created.index("d")
    assert "company:index:Team$" in world.stack.urn("c-pool")
    assert world.stack.resource("c-pool")["parent"] == world.stack.urn("c")
    ids = {pool["PoolName"]: pool["PoolId"] for pool in world.emulator.pools()}

    world.stack.destroy().expect()
    gone = [id_ for _, id_ in world.calls("TerminateWorkspacesPool")]
    assert gone.index(ids["d"]) < gone.index(ids["b"]) < gone.index(ids["a"])
    assert gone.index(ids["d"]) < gone.index(ids["c"])


def test_an_alias_renames_without_touching_the_pool(world: World) -> None:
    world.up('pool("old-name")')
    before = world.emulator.pools()
    world.up('pool("new-name", ResourceOptions(aliases=[Alias(name="old-name")]))').expect(same=2)
    assert world.emulator.pools() == before
    # The name that was drawn for the old resource stays through later changes.
    world.up('pool("new-name", description="Changed")').expect(update=1, same=1)
    assert world.emulator.pools()[0]["PoolName"] == before[0]["PoolName"]


def test_a_protected_pool_is_neither_deleted_nor_replaced(world: World) -> None:
    protected = 'pool("desks", ResourceOptions(protect=True), pool_name="{name}")'
    world.up(protected.format(name="one"))
    before = world.emulator.pools()
    for program in ("", protected.format(name="two")):
        world.program(program)
        world.stack.up().expect_failure()
    world.stack.destroy().expect_failure()
    assert world.emulator.pools() == before


def test_a_retained_pool_is_forgotten_and_left_running(world: World) -> None:
    world.up('pool("desks", ResourceOptions(retain_on_delete=True))')
    before = world.emulator.pools()
    world.up("").expect(delete=1, same=1)
    assert world.emulator.pools() == before
    assert [entry["type"] for entry in world.stack.resources()] == ["pulumi:pulumi:Stack"]


def test_a_pool_that_is_deleted_with_another_gets_no_call_of_its_own(world: World) -> None:
    world.up(
        """
        owner = pool("owner", pool_name="owner")
        pool("tied", ResourceOptions(deleted_with=owner), pool_name="tied")
        """
    )
    owner = world.stack.resource("owner")["id"]
    world.emulator.clear_calls()
    world.stack.destroy().expect()
    assert world.calls("TerminateWorkspacesPool") == [("TerminateWorkspacesPool", owner)]


def test_a_provider_of_another_package_is_refused_and_one_for_dynamic_resources_is_used(
    world: World,
) -> None:
    use_stand_in(world.folder)
    world.program(
        """
        aws = pulumi.ProviderResource("aws", "aws", {})
        pool("desks", ResourceOptions(provider=aws))
        """
    )
    world.stack.preview().expect_failure(
        'error: The options of the pool of resource "desks" cannot be used: provider is one of '
        "package aws, but a pool is a dynamic resource and has region and assume_role"
    )
    assert world.emulator.calls == []

    up = world.up(
        """
        own = pulumi.ProviderResource("pulumi-python", "own", {"aws:region": "eu-west-1"})
        plain = pulumi.ProviderResource("pulumi-python", "plain", {})
        regions = [pool(p._name, ResourceOptions(provider=p)).region for p in (own, plain)]
        pulumi.export("regions", regions)
        """
    )
    assert up.outputs == {"regions": ["eu-west-1", "us-east-1"]}
    world.stack.destroy().expect()


def test_the_providers_of_a_parent_are_used_or_warned_of_by_name(world: World) -> None:
    use_stand_in(world.folder)
    up = world.up(
        COMPONENT
        + """
own = pulumi.ProviderResource("pulumi-python", "own", {"aws:region": "eu-west-1"})
aws = pulumi.ProviderResource("aws", "aws", {"region": "eu-west-2"})
pulumi.export("own", Team("a", ResourceOptions(providers=[own])).pool.region)
pulumi.export("warned", Team("b", ResourceOptions(providers=[aws])).pool.region)
pulumi.export("placed", Team("c", ResourceOptions(providers=[aws]), region="eu-west-3").pool.region)
"""
    )
    assert up.outputs == {"own": "eu-west-1", "warned": "us-east-1", "placed": "eu-west-3"}
    warned = [line for line in up.text.splitlines() if "The provider of package aws that" in line]
    assert warned
    assert all("region and assume_role" in line for line in warned)
    assert '("c-pool")' not in up.text


def test_a_timeout_in_any_form_is_used(world: World) -> None:
    world.up('pool("desks", ResourceOptions(custom_timeouts={"create": "1h1.5m500ms"}))')
    assert world.stack.resource("desks")["customTimeouts"] == {"create": 3690.5}


@pytest.mark.parametrize(
    "path", ['capacity["desired_user_sessions"]', "capacity.desiredUserSessions", "capacity"]
)
def test_a_change_below_an_ignored_path_is_ignored_in_either_spelling(
    world: World, path: str
) -> None:
    program = """
    opts = ResourceOptions(ignore_changes=[{path!r}, 'tags["a b"]'])
    capacity = {{"desired_user_sessions": {n}}}
    pool("desks", opts, capacity=capacity, tags={{"a b": "{n}", "c": "{c}"}})
    """
    world.up(program.format(path=path, n=2, c=1))
    world.up(program.format(path=path, n=3, c=1)).expect(same=2)
    world.up(program.format(path=path, n=3, c=2)).expect(update=1, same=1)
    (pool,) = world.emulator.pools()
    assert pool["CapacityStatus"]["DesiredUserSessions"] == 2
    assert pool["Tags"] == {"a b": "2", "c": "2"}


def test_a_change_below_a_path_replaces_and_the_old_pool_may_go_first(world: World) -> None:
    program = """
    path = "timeout_settings.max_user_duration_in_seconds"
    opts = ResourceOptions(replace_on_changes=[path], delete_before_replace={first})
    pool("desks", opts, timeout_settings={{
        "max_user_duration_in_seconds": {max}, "disconnect_timeout_in_seconds": {other},
    }})
    """
    world.up(program.format(max=600, other=60, first=False))
    world.up(program.format(max=600, other=61, first=False)).expect(update=1, same=1)
    for max_, first in ((601, False), (602, True)):
        world.emulator.clear_calls()
        up = world.up(program.format(max=max_, other=61, first=first))
        up.expect(replace=1, same=1)
        made, gone = "CreateWorkspacesPool", "TerminateWorkspacesPool"
        operations = [operation for operation, _ in world.calls(made, gone)]
        assert (operations[0] == gone) == first
        assert (operations[-1] == gone) != first
        (pool,) = world.emulator.pools()
        assert pool["TimeoutSettings"]["MaxUserDurationInSeconds"] == max_


def test_a_hidden_diff_is_not_shown_but_made(world: World) -> None:
    program = """
    opts = ResourceOptions(hide_diffs=["timeout_settings"])
    pool("desks", opts, timeout_settings={{"max_user_duration_in_seconds": {n}}}, description="{n}")
    """
    world.up(program.format(n=700))
    world.program(program.format(n=701))
    shown = world.stack.preview(diff=True).text
    assert "description" in shown
    assert "maxUserDurationInSeconds" not in shown
    world.stack.up().expect(update=1, same=1)
    (pool,) = world.emulator.pools()
    assert pool["TimeoutSettings"]["MaxUserDurationInSeconds"] == 701


def test_a_changed_trigger_replaces(world: World) -> None:
    world.up('pool("desks", ResourceOptions(replacement_trigger="1"))')
    up = world.up('pool("desks", ResourceOptions(replacement_trigger="2"))')
    up.expect(replace=1, same=1)


def test_a_pool_is_replaced_with_another(world: World) -> None:
    program = """
    first = pool("first", pool_name="{name}")
    pool("second", ResourceOptions(replace_with=[first]))
    """
    world.up(program.format(name="one"))
    world.up(program.format(name="two")).expect(replace=2, same=1)


def test_hooks_run_around_the_creation(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.up(
        """
        def before(args):
            print("before", args.name)

        def after(args):
            print("after", args.new_outputs["poolName"])

        hooks = pulumi.ResourceHookBinding(before_create=[before], after_create=[after])
        pool("desks", ResourceOptions(hooks=hooks), pool_name="named")
        """
    )
    assert "before desks\nafter named\n" in capfd.readouterr().out


def test_transforms_of_the_pool_and_of_the_stack_change_what_is_declared(world: World) -> None:
    program = """
    def older(args):
        return pulumi.ResourceTransformationResult(
            {**args.props, "description": "Transformed"}, args.opts
        )

    def tagging(key):
        def tag(args):
            tags = {**(args.props.get("tags") or {}), key: "yes"}
            return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)

        return tag

    pulumi.runtime.register_resource_transform(
        lambda args: tagging("Stack")(args) if args.type_.endswith(":WorkspacesPool") else None
    )
    opts = ResourceOptions(
        transformations=[older], transforms=[tagging("Pool")], state_migrations=[lambda _: None]
    )
    pool("a", opts, pool_name="a")
    pool("b", pool_name="b", tags={"Team": "design"})
    """
    world.up(program)
    a, b = (world.emulator.pool(name) for name in "ab")
    assert (a["Description"], a["Tags"]) == ("Transformed", {"Pool": "yes", "Stack": "yes"})
    assert b["Tags"] == {"Team": "design", "Stack": "yes"}
    world.up(program).expect(same=3)


def test_a_pool_is_read_by_its_id_or_its_urn(world: World) -> None:
    pool_id = world.emulator.add_pool("theirs")
    up = world.up(
        f"""
        looked = pool("looked", ResourceOptions(id=Output.secret("{pool_id}")))
        own = pool("own")
        again = own.urn.apply(lambda urn: pool("again", ResourceOptions(urn=urn)).pool_id)
        pulumi.export("looked", looked.pool_name)
        pulumi.export("same", Output.all(own.pool_id, again).apply(lambda ids: ids[0] == ids[1]))
        """
    )
    assert up.outputs == {"looked": "theirs", "same": True}
    world.stack.destroy().expect()
    assert [pool["PoolName"] for pool in world.emulator.pools()] == ["theirs"]


def test_merged_options_in_a_component_reach_the_pool(world: World) -> None:
    world.up(
        """
        class Team(pulumi.ComponentResource):
            def __init__(self, name, opts):
                super().__init__("company:index:Team", name, {}, opts)
                own = ResourceOptions(parent=self, ignore_changes=["capacity"])
                self.pool = pool("desks", ResourceOptions.merge(opts, own))

        Team("team", ResourceOptions(protect=True))
        """
    )
    desks = world.stack.resource("desks")
    assert desks["protect"]
    assert desks["parent"] == world.stack.urn("team")
