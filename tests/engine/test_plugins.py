"""Provider plugins that a project brings along as folders."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pulumi import automation

PLUGIN = """
import sys
from pulumi.provider.experimental import provider, server
from pulumi.provider.experimental.property_value import PropertyValue

def text(value):
    return value.value if value is not None else None

def changed(request):
    olds = {key: value for key, value in request.old_state.items() if key != "where"}
    return provider.DiffResponse(changes=olds != request.new_inputs)

class Thing(provider.Provider):
    async def get_schema(self, request):
        return provider.GetSchemaResponse(schema='{"name": "thing", "version": "1.2.3"}')
    async def check_config(self, request):
        if text(request.new_inputs.get("region")) == "nowhere":
            failure = provider.CheckFailure(property="region", reason="there is no such region")
            return provider.CheckResponse(inputs=request.new_inputs, failures=[failure])
        return provider.CheckResponse(inputs=request.new_inputs)
    async def diff_config(self, request):
        # The SDK's server passes this on as the number of an enumeration: 2 is "some".
        return provider.DiffResponse(changes=2 if changed(request).changes else 1)
    async def configure(self, request):
        self.region = text((request.args or {}).get("region")) or "none"
        return provider.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
        )
    async def check(self, request):
        return provider.CheckResponse(inputs=request.new_inputs)
    async def diff(self, request):
        return changed(request)
    async def create(self, request):
        outs = {**request.properties, "where": PropertyValue(self.region)}
        id = "" if request.preview else "t-1"
        return provider.CreateResponse(resource_id=id, properties=outs)
    async def update(self, request):
        return provider.UpdateResponse(
            properties={**request.news, "where": PropertyValue(self.region)}
        )
    async def delete(self, request):
        pass
    async def invoke(self, request):
        zone = self.region + (text(request.args.get("letter")) or "a")
        return provider.InvokeResponse(
            return_value={"zones": PropertyValue([PropertyValue(zone)])}
        )

if __name__ == "__main__":
    server.main(sys.argv[1:], "1.2.3", Thing())
"""

PROGRAM = """
class Thing(pulumi.CustomResource):
    where: pulumi.Output[str]
    def __init__(self, logical, opts=None, **props):
        super().__init__('thing:index:Thing', logical, {'where': None, **props}, opts)
class Things(pulumi.ProviderResource):
    def __init__(self, logical, **props):
        super().__init__('thing', logical, props)
"""


@pytest.fixture
def plugin_world(world: Any) -> Any:
    folder = world.folder / "thing"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text(
        f"runtime:\n  name: python\n  options: {{virtualenv: {sys.prefix}}}\n"
    )
    (folder / "__main__.py").write_text(PLUGIN)
    world.project("plugins:\n  providers:\n    - name: thing\n      path: ./thing\n")
    return world


def declare(world: Any, text: str) -> None:
    world.program(PROGRAM + text)


def test_a_default_provider_is_configured_from_the_stack(plugin_world: Any) -> None:
    world = plugin_world
    world.stack.set_config("thing:region", automation.ConfigValue("eu"))
    declare(world, "t = Thing('t', size=1)\npulumi.export('where', t.where)")
    assert world.stack.preview().change_summary == {"create": 2}
    assert world.stack.up().outputs["where"].value == "eu"
    assert world.stack.preview(expect_no_changes=True).change_summary == {"same": 2}
    declare(world, "t = Thing('t', size=2)\npulumi.export('where', t.where)")
    assert world.stack.up().summary.resource_changes == {"same": 1, "update": 1}
    assert world.stack.destroy().summary.resource_changes == {"delete": 2}


def test_an_explicit_provider_is_a_resource_of_its_own(plugin_world: Any) -> None:
    world = plugin_world
    program = """
p = Things('p', region={})
t = Thing('t', opts=Opts(provider=p))
pulumi.export('where', t.where)
found = pulumi.runtime.invoke('thing:index:zones', {{}}, pulumi.InvokeOptions(provider=p))
pulumi.export('zones', found.value)
"""
    declare(world, program.format("'us'"))
    result = world.stack.up()
    assert result.outputs["where"].value == "us"
    assert result.outputs["zones"].value == {"zones": ["usa"]}
    assert result.summary.resource_changes == {"create": 3}
    declare(world, program.format("'eu'"))
    assert world.stack.up().summary.resource_changes == {"same": 2, "update": 1}
    assert world.stack.destroy().summary.resource_changes == {"delete": 3}


def test_an_invoke_transform_changes_arguments(plugin_world: Any) -> None:
    world = plugin_world
    declare(
        world,
        """
def other(args):
    return pulumi.InvokeTransformResult({**args.args, 'letter': 'z'}, args.opts)
pulumi.runtime.register_invoke_transform(other)
p = Things('p', region='us')
found = pulumi.runtime.invoke('thing:index:zones', {}, pulumi.InvokeOptions(provider=p))
pulumi.export('zones', found.value)
""",
    )
    assert world.stack.up().outputs["zones"].value == {"zones": ["usz"]}


def test_a_configuration_that_is_refused_fails_the_run(plugin_world: Any) -> None:
    world = plugin_world
    declare(world, "p = Things('p', region='nowhere')\nThing('t', opts=Opts(provider=p))")
    shown, code = world.fails(world.stack.up)
    assert "there is no such region" in shown
    assert code == 1


def test_a_package_without_a_plugin_is_refused_by_name(local_world: Any) -> None:
    declare(local_world, "Thing('t')")
    shown, _ = local_world.fails(local_world.stack.up)
    assert "no provider plugin for the package 'thing'" in shown


def test_resources_of_the_engines_own_are_refused_by_name(local_world: Any) -> None:
    local_world.program("pulumi.CustomResource('pulumi:index:Stash', 's', {'input': 1})")
    shown, _ = local_world.fails(local_world.stack.up)
    assert "does not support managing a pulumi:index:Stash" in shown


def test_a_plugin_that_does_not_start_fails_the_run(local_world: Any) -> None:
    folder = local_world.folder / "thing"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text("raise SystemExit(3)")
    local_world.project("plugins:\n  providers:\n    - name: thing\n      path: ./thing\n")
    declare(local_world, "Thing('t')")
    shown, _ = local_world.fails(local_world.stack.up)
    assert "the provider plugin for 'thing' did not start (exit code 3)" in shown
