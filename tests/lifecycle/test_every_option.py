"""Each member of ResourceOptions on a pool: honoured as Pulumi documents it, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pulumi
import pytest

from support.examples import use_stand_in
from support.world import World

Test = TypeVar("Test", bound=Callable[..., None])

# Those that tests of test_options.py are about.
_ELSEWHERE = {
    "additional_secret_outputs": "test_an_additional_secret_output_is_encrypted",
    "aliases": "test_an_alias_renames_without_touching_the_pool",
    "delete_before_replace": "test_replace_on_changes_and_delete_before_replace_are_kept",
    "deleted_with": "test_a_pool_that_is_deleted_with_another_gets_no_call_of_its_own",
    "depends_on": "test_depends_on_and_parent_order_creation_and_deletion",
    "parent": "test_depends_on_and_parent_order_creation_and_deletion",
    "protect": "test_a_protected_pool_is_neither_deleted_nor_replaced",
    "retain_on_delete": "test_a_retained_pool_is_forgotten_and_left_running",
}
_tested: set[str] = set()

COMPONENT = """
class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **arguments):
        super().__init__("company:index:Team", name, {}, opts)
        self.pool = pool(name + "-pool", ResourceOptions(parent=self), **arguments)
"""


def covers(*options: str) -> Callable[[Test], Test]:
    """Mark a test as the one of these options."""
    _tested.update(options)
    return lambda test: test


def refusal(world: World, option: str, program: str = "") -> str:
    """The sentence that a preview of a pool with an option ends in, without a call."""
    world.program(f"{program}\npool('desks', ResourceOptions({option}))")
    preview = world.stack.preview()
    assert not preview.ok
    assert "Traceback" not in preview.text
    assert world.emulator.calls == []
    start = 'error: The options of the pool of resource "desks" cannot be used: '
    return next(line for line in preview.text.splitlines() if start in line).partition(start)[2]


def test_every_option_has_its_test() -> None:
    others = Path(__file__).with_name("test_options.py").read_text("utf-8")
    assert {name for name in vars(pulumi.ResourceOptions()) if name[0] != "_"} == {
        *_tested,
        *_ELSEWHERE,
    }
    for test in _ELSEWHERE.values():
        assert f"def {test}(" in others


@covers("provider")
def test_a_provider_of_another_package_is_refused_and_one_for_dynamic_resources_is_used(
    world: World,
) -> None:
    use_stand_in(world.folder)
    said = refusal(world, "provider=aws", 'aws = pulumi.ProviderResource("aws", "aws", {})')
    assert "provider is one of package aws" in said
    assert "region and assume_role" in said
    assert "must be a provider, but is a string" in refusal(world, "provider='aws'")

    up = world.up(
        """
        own = pulumi.ProviderResource("pulumi-python", "own", {"aws:region": "eu-west-1"})
        plain = pulumi.ProviderResource("pulumi-python", "plain", {})
        regions = [pool(p._name, ResourceOptions(provider=p)).region for p in (own, plain)]
        pulumi.export("regions", regions)
        """
    )
    assert up.outputs == {"regions": ["eu-west-1", "us-east-1"]}
    assert world.stack.destroy().ok


@covers("providers")
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


@covers("import_")
def test_import_is_refused_with_what_takes_its_place(world: World) -> None:
    said = refusal(world, "import_='wspool-1a2b3c4d5'")
    assert (
        'import_ has no effect here: a pool is taken over by adopt_pool_id="wspool-1a2b3c4d5"'
        in said
    )


@covers("version", "plugin_download_url", "env_var_mappings")
def test_what_only_a_plugin_has_is_refused_by_name(world: World) -> None:
    assert "version has no effect here" in refusal(world, "version='1.0.0'")
    url = "plugin_download_url='https://example.com'"
    assert "plugin_download_url has no effect here" in refusal(world, url)
    mappings = "env_var_mappings={'MINE': 'AWS_PROFILE'}"
    assert "env_var_mappings has no effect here" in refusal(world, mappings)


@covers("custom_timeouts")
@pytest.mark.parametrize("value", ["-5m", "soon", "30", "0s", "", "1d", 30])
def test_a_timeout_that_is_no_time_is_refused(world: World, value: object) -> None:
    said = refusal(world, f"custom_timeouts=pulumi.CustomTimeouts(update='1h', create={value!r})")
    shown = f'"{value}"' if isinstance(value, str) else "a whole number"
    assert (
        said
        == f'custom_timeouts.create must be a time above zero, such as "1h30m", but is {shown}.'
    )


def test_a_timeout_in_any_form_is_used(world: World) -> None:
    world.up('pool("desks", ResourceOptions(custom_timeouts={"create": "1h1.5m500ms"}))')
    assert world.stack.resource("desks")["customTimeouts"] == {"create": 3690.5}


@covers("ignore_changes")
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
    assert world.up(program.format(path=path, n=3, c=1)).changes == {"same": 2}
    assert world.up(program.format(path=path, n=3, c=2)).changes == {"update": 1, "same": 1}
    (pool,) = world.emulator.pools()
    assert pool["CapacityStatus"]["DesiredUserSessions"] == 2
    assert pool["Tags"] == {"a b": "2", "c": "2"}


@pytest.mark.parametrize("option", ["ignore_changes", "replace_on_changes", "hide_diffs"])
def test_a_path_that_names_nothing_is_refused(world: World, option: str) -> None:
    said = refusal(world, f"{option}=['capacity.user_sessions', 'descripton', 'tags[']")
    assert f'{option} has "capacity.user_sessions", which names no property in capacity' in said
    assert "did you mean description?" in said
    assert f'{option} has "tags[", which is no property path' in said
    assert "must be a list of property paths" in refusal(world, f"{option}='capacity'")


@covers("replace_on_changes")
def test_a_change_below_a_path_replaces_in_pythons_spelling(world: World) -> None:
    program = """
    opts = ResourceOptions(replace_on_changes=["timeout_settings.max_user_duration_in_seconds"])
    pool("desks", opts, timeout_settings={{
        "max_user_duration_in_seconds": {max}, "disconnect_timeout_in_seconds": {other},
    }})
    """
    world.up(program.format(max=600, other=60))
    assert world.up(program.format(max=600, other=61)).changes == {"update": 1, "same": 1}
    assert world.up(program.format(max=601, other=61)).changes == {"replace": 1, "same": 1}


@covers("hide_diffs")
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
    assert world.stack.up().changes == {"update": 1, "same": 1}
    (pool,) = world.emulator.pools()
    assert pool["TimeoutSettings"]["MaxUserDurationInSeconds"] == 701


@covers("replacement_trigger")
def test_a_changed_trigger_replaces(world: World) -> None:
    world.up('pool("desks", ResourceOptions(replacement_trigger="1"))')
    up = world.up('pool("desks", ResourceOptions(replacement_trigger="2"))')
    assert up.changes == {"replace": 1, "same": 1}


@covers("replace_with")
def test_a_pool_is_replaced_with_another(world: World) -> None:
    program = """
    first = pool("first", pool_name="{name}")
    pool("second", ResourceOptions(replace_with=[first]))
    """
    world.up(program.format(name="one"))
    assert world.up(program.format(name="two")).changes == {"replace": 2, "same": 1}


@covers("hooks")
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


@covers("transformations", "transforms", "state_migrations")
def test_transforms_of_the_pool_change_what_is_declared(world: World) -> None:
    program = """
    def older(args):
        return pulumi.ResourceTransformationResult(
            {**args.props, "description": "Transformed"}, args.opts
        )

    def newer(args):
        return pulumi.ResourceTransformResult({**args.props, "tags": {"By": "newer"}}, args.opts)

    opts = ResourceOptions(
        transformations=[older], transforms=[newer], state_migrations=[lambda _args: None]
    )
    pool("desks", opts)
    """
    world.up(program)
    (pool,) = world.emulator.pools()
    assert (pool["Description"], pool["Tags"]) == ("Transformed", {"By": "newer"})
    assert world.up(program).changes == {"same": 2}


@covers("id", "urn")
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
    assert world.stack.destroy().ok
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
