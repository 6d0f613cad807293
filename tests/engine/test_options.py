"""Resource options, as the program gives them."""

from __future__ import annotations

from typing import Any


def test_ignored_changes_keep_the_old_inputs_before_the_check(world: Any) -> None:
    program = (
        "R('a', name='a', size={}, tags={{'x': {}, 'y': {}}}, "
        "opts=Opts(ignore_changes=['size', 'tags.x']))"
    )
    world.program(program.format(1, 1, 1))
    world.stack.up()
    world.calls()
    world.program(program.format(2, 2, 2))
    world.stack.up()
    calls = world.calls()
    assert calls[0]["news"] == {"name": "a", "size": 1, "tags": {"x": 1, "y": 2}}
    assert calls[1]["ignore"] == ["size", "tags.x"]
    assert calls[2]["news"]["tags"] == {"x": 1, "y": 2}


def test_a_protected_resource_is_not_deleted_but_others_are(world: Any) -> None:
    world.program("R('a', name='a', opts=Opts(protect=True))\nR('b', name='b')")
    world.stack.up()
    world.calls()
    shown, code = world.fails(world.stack.destroy)
    assert code == 1
    assert f"`pulumi state unprotect '{world.urn('a')}'`" in shown
    assert [call["id"] for call in world.calls("delete")] == ["id-b"]
    assert list(world.resources()) == ["a"]
    # What a protected resource lives on is kept with it: the stack and the provider.
    kept = world.stack.export_stack().deployment["resources"]
    assert [entry["type"] for entry in kept if entry["type"].startswith("pulumi:")] == [
        "pulumi:pulumi:Stack",
        "pulumi:providers:pulumi-python",
    ]


def test_a_protected_resource_is_not_replaced(world: Any) -> None:
    world.program("R('a', name='a', opts=Opts(protect=True))")
    world.stack.up()
    world.calls()
    world.program("R('a', name='z', opts=Opts(protect=True))")
    for action in (
        world.stack.preview,
        world.stack.up,
        lambda: world.stack.up(replace=[world.urn("a")]),
    ):
        shown, code = world.fails(action)
        assert "unable to replace resource" in shown
        assert code == 1
    assert world.calls("create", "delete") == []


def test_what_a_protected_resource_depends_on_is_kept(world: Any) -> None:
    world.program(
        """
        a = R('a', name='a')
        b = R('b', name='b', size=a.out)
        c = R('c', name='c', opts=Opts(protect=True, depends_on=[b]))
        R('d', name='d', opts=Opts(depends_on=[c]))
        """
    )
    world.stack.up()
    world.calls()
    world.fails(world.stack.destroy)
    assert [call["id"] for call in world.calls("delete")] == ["id-d"]
    assert list(world.resources()) == ["a", "b", "c"]


def test_a_resource_replaced_with_another_is_replaced_after_it(world: Any) -> None:
    program = """
        a = R('a', name='{name}')
        R('b', name='b', opts=Opts(replace_with=[a]))
        """
    world.program(program.format(name="a"))
    world.stack.up()
    world.calls()
    world.program(program.format(name="z"))
    assert world.stack.up().summary.resource_changes == {"replace": 2, "same": 1}
    calls = world.calls("create", "delete")
    assert [call["props"]["name"] for call in calls if call["call"] == "create"] == ["z", "b"]
    assert [call["id"] for call in calls if call["call"] == "delete"] == ["id-b", "id-a"]


def test_a_retained_resource_is_forgotten_and_not_deleted(world: Any) -> None:
    world.program("R('a', name='a', opts=Opts(retain_on_delete=True))")
    world.stack.up()
    world.calls()
    world.stack.destroy()
    assert world.calls("delete") == []
    assert world.resources() == {}


def test_a_resource_deleted_with_another_is_not_deleted_itself(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name='b', opts=Opts(deleted_with=a))")
    world.stack.up()
    world.calls()
    world.stack.destroy()
    assert [call["id"] for call in world.calls("delete")] == ["id-a"]


def test_an_alias_carries_the_resource_over_to_a_new_name(world: Any) -> None:
    world.program("R('old', name='a')")
    world.stack.up()
    world.calls()
    world.program("R('new', name='a', opts=Opts(aliases=[pulumi.Alias(name='old')]))")
    assert world.stack.up().summary.resource_changes == {"same": 2}
    assert world.calls("create", "delete") == []
    assert list(world.resources()) == ["new"]
    assert world.stack.up().summary.resource_changes == {"same": 2}


def test_children_follow_an_aliased_component(world: Any) -> None:
    program = """
        class Group(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__('my:group:Group', name, None, opts)
                R(name + '-child', name='c', opts=Opts(parent=self))
                self.register_outputs({{'done': True}})
        Group('{}', {})
        """
    world.program(program.format("one", "None"))
    world.stack.up()
    world.calls()
    world.program(program.format("two", "Opts(aliases=[pulumi.Alias(name='one')])"))
    assert world.stack.up().summary.resource_changes == {"same": 3}
    assert world.calls("create", "delete") == []
    resources = world.resources()
    assert sorted(resources) == ["two", "two-child"]
    assert resources["two"]["outputs"] == {"done": True}
    assert resources["two-child"]["parent"].endswith("::my:group:Group::two")


def test_timeouts_reach_the_provider_in_seconds(world: Any) -> None:
    world.program(
        "R('a', name='a', opts=Opts(custom_timeouts=pulumi.CustomTimeouts(create='1m30s')))"
    )
    world.stack.up()
    assert world.calls("create")[0]["timeout"] == 90
    assert world.resources()["a"]["customTimeouts"] == {"create": 90}


def test_a_transform_changes_inputs_and_options(world: Any) -> None:
    world.program(
        """
        def bigger(args):
            if args.type_ != 'pulumi-python:dynamic:Resource':
                return None
            return pulumi.ResourceTransformResult(
                {**args.props, 'size': 7},
                pulumi.ResourceOptions.merge(args.opts, Opts(protect=True)),
            )
        pulumi.runtime.register_resource_transform(bigger)
        a = R('a', name='a')
        R('b', name=a.out)
        """
    )
    world.stack.up()
    assert [call["props"]["size"] for call in world.calls("create")] == [7, 7]
    resources = world.resources()
    assert resources["a"]["protect"] is True
    assert resources["b"]["dependencies"] == [world.urn("a")]
    assert resources["b"]["propertyDependencies"]["name"] == [world.urn("a")]


def test_dependencies_of_every_kind_are_kept(world: Any) -> None:
    world.program(
        """
        a = R('a', name='a')
        b = R('b', name='b')
        R('c', name='c', size=a.out, opts=Opts(depends_on=[b]))
        """
    )
    world.stack.up()
    c = world.resources()["c"]
    assert sorted(c["dependencies"]) == [world.urn("a"), world.urn("b")]
    assert c["propertyDependencies"]["size"] == [world.urn("a")]
    assert c["propertyDependencies"]["name"] == []


def test_a_resource_can_be_read_without_being_managed(world: Any) -> None:
    world.program(
        """
        class Found(Resource):
            out: pulumi.Output[str]
        found = Found(RECORDER, 'f', {'out': None, 'name': 'f'}, Opts(id='id-there'))
        pulumi.export('id', found.id)
        """
    )
    world.orders(**{"id-there": {"outs": {"out": "seen"}}})
    result = world.stack.up()
    assert result.outputs["id"].value == "id-there"
    assert world.resources()["f"]["external"] is True
    assert [call["call"] for call in world.calls()] == ["read"]
    world.stack.destroy()
    assert world.calls("delete") == []


def test_import_is_refused_by_name(local_world: Any) -> None:
    local_world.program("R('a', name='a', opts=Opts(import_='x'))")
    shown, code = local_world.fails(local_world.stack.up)
    assert "does not support the resource option 'import'" in shown
    assert code == 1


def test_hooks_are_refused_by_name(local_world: Any) -> None:
    local_world.program(
        "R('a', name='a', opts=Opts(hooks=pulumi.ResourceHookBinding(before_create=["
        "pulumi.ResourceHook('h', lambda args: None)])))"
    )
    shown, _ = local_world.fails(local_world.stack.up)
    assert "hooks" in shown
