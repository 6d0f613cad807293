"""Pulumi's own features with pools: unknown values, secrets, resource options, transforms."""

from __future__ import annotations

from support.world import World

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


def test_outputs_of_one_pool_are_inputs_of_another_and_unknown_in_a_preview(world: World) -> None:
    world.program(CHAIN.format(name="one"))
    preview = world.stack.preview()
    assert preview.ok, preview.text
    assert preview.changes == {"create": 4}
    assert world.emulator.calls == []

    up = world.stack.up()
    assert up.ok, up.text
    first, second, third = (world.emulator.pool(id_) for id_ in up.outputs["ids"])
    assert second["PoolName"] == f"after-{first['PoolId']}"
    assert second["Description"] == f"After {first['PoolId']}"
    assert (second["BundleId"], second["DirectoryId"]) == ("wsb-emulated2", "wsd-emulated2")
    assert second["CapacityStatus"]["DesiredUserSessions"] == 3
    assert second["Tags"] == {"After": first["PoolId"]}
    assert third["Tags"] == {"After": second["PoolArn"]}
    assert world.stack.up().changes == {"same": 4}

    # What is unknown again counts as changed: a new name, as the preview shows, replaces.
    world.program(CHAIN.format(name="another"))
    preview = world.stack.preview()
    assert preview.changes == {"replace": 2, "update": 1, "same": 1}, preview.text


def test_a_secret_is_encrypted_in_the_state_masked_in_what_is_shown_and_plain_on_aws(
    world: World,
) -> None:
    text = """
    desks = pool(
        "desks",
        description=Output.secret("the-secret-{n}"),
        tags={{"Plain": "to-be-seen", "Cost": Output.secret("hidden-cost-{n}")}},
    )
    pulumi.export("description", desks.description)
    pulumi.export("cost", desks.tags["Cost"])
    pulumi.export("plain", desks.pool_id)
    """
    up = world.up(text.format(n=1))
    changed = world.up(text.format(n=2))
    refresh = world.stack.refresh()
    assert refresh.ok, refresh.text
    (desks,) = world.emulator.pools()
    assert desks["Description"] == "the-secret-2"
    assert desks["Tags"] == {"Plain": "to-be-seen", "Cost": "hidden-cost-2"}
    assert changed.outputs["description"] == "the-secret-2"
    assert "[secret]" in up.text
    for shown in (up.text, changed.text, refresh.text, world.on_disk()):
        assert "the-secret" not in shown
        assert "hidden-cost" not in shown
    assert desks["PoolId"] in world.on_disk(), "what is no secret can be read"
    assert changed.changes == {"update": 1, "same": 1}


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
        """
        class Team(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("company:index:Team", name)
                self.pool = pool("c", ResourceOptions(parent=self), pool_name="c")

        a = pool("a", pool_name="a")
        b = pool("b", ResourceOptions(depends_on=[a]), pool_name="b")
        team = Team("team")
        pool("d", ResourceOptions(depends_on=[team, b]), pool_name="d")
        """
    )
    created = [name for _, name in world.calls("CreateWorkspacesPool")]
    assert created.index("a") < created.index("b") < created.index("d")
    assert created.index("c") < created.index("d")
    assert "company:index:Team$" in world.stack.urn("c")
    assert world.stack.resource("c")["parent"] == world.stack.urn("team")
    ids = {name: world.stack.resource(name)["id"] for name in "abcd"}

    destroy = world.stack.destroy()
    assert destroy.ok, destroy.text
    gone = [id_ for _, id_ in world.calls("TerminateWorkspacesPool")]
    assert gone.index(ids["d"]) < gone.index(ids["b"]) < gone.index(ids["a"])
    assert gone.index(ids["d"]) < gone.index(ids["c"])


def test_an_alias_renames_without_touching_the_pool(world: World) -> None:
    world.up('pool("old-name")')
    before = world.emulator.pools()
    up = world.up('pool("new-name", ResourceOptions(aliases=[Alias(name="old-name")]))')
    assert up.changes == {"same": 2}
    assert world.emulator.pools() == before
    # The name that was drawn for the old resource stays through later changes.
    up = world.up('pool("new-name", description="Changed")')
    assert up.changes == {"update": 1, "same": 1}
    assert world.emulator.pools()[0]["PoolName"] == before[0]["PoolName"]


def test_a_protected_pool_is_neither_deleted_nor_replaced(world: World) -> None:
    protected = 'pool("desks", ResourceOptions(protect=True), pool_name="{name}")'
    world.up(protected.format(name="one"))
    before = world.emulator.pools()
    for program in ("", protected.format(name="two")):
        world.program(program)
        assert not world.stack.up().ok
    assert not world.stack.destroy().ok
    assert world.emulator.pools() == before


def test_a_retained_pool_is_forgotten_and_left_running(world: World) -> None:
    world.up('pool("desks", ResourceOptions(retain_on_delete=True))')
    before = world.emulator.pools()
    up = world.up("")
    assert up.changes == {"delete": 1, "same": 1}
    assert world.emulator.pools() == before
    assert [entry["type"] for entry in world.stack.resources()] == ["pulumi:pulumi:Stack"]


def test_replace_on_changes_and_delete_before_replace_are_kept(world: World) -> None:
    program = """
    opts = ResourceOptions(replace_on_changes=["description"], delete_before_replace={first})
    pool("desks", opts, description="{description}", pool_name={name})
    """
    world.up(program.format(first=False, description="One", name=None))
    made_and_gone = ("CreateWorkspacesPool", "TerminateWorkspacesPool")
    world.emulator.clear_calls()
    up = world.up(program.format(first=False, description="Two", name=None))
    assert up.changes == {"replace": 1, "same": 1}
    operations = [operation for operation, _ in world.calls(*made_and_gone)]
    assert operations.index("TerminateWorkspacesPool") == len(operations) - 1

    up = world.up(program.format(first=True, description="Three", name=None))
    assert up.changes == {"replace": 1, "same": 1}
    operations = [operation for operation, _ in world.calls(*made_and_gone)]
    assert operations[0] == "TerminateWorkspacesPool"
    assert [pool["Description"] for pool in world.emulator.pools()] == ["Three"]


def test_a_pool_that_is_deleted_with_another_gets_no_call_of_its_own(world: World) -> None:
    world.up(
        """
        owner = pool("owner", pool_name="owner")
        pool("tied", ResourceOptions(deleted_with=owner), pool_name="tied")
        """
    )
    owner = world.stack.resource("owner")["id"]
    world.emulator.clear_calls()
    assert world.stack.destroy().ok
    assert world.calls("TerminateWorkspacesPool") == [("TerminateWorkspacesPool", owner)]


def test_a_transform_of_the_stack_reaches_every_pool(world: World) -> None:
    world.up(
        """
        def tagged(args):
            if args.type_ == "pulumi-python:dynamic/workspaces:WorkspacesPool":
                tags = {**(args.props.get("tags") or {}), "Owner": "platform"}
                return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)

        pulumi.runtime.register_resource_transform(tagged)
        pool("a", pool_name="a")
        pool("b", pool_name="b", tags={"Team": "design"})
        """
    )
    assert world.emulator.pool("a")["Tags"] == {"Owner": "platform"}
    assert world.emulator.pool("b")["Tags"] == {"Owner": "platform", "Team": "design"}
