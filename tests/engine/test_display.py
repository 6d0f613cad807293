"""What a run prints, line by line, and what a program sees in a preview."""

from __future__ import annotations

import re
from typing import Any

KNOWN = """
import asyncio

class K(R):
    size: pulumi.Output[float]
    name: pulumi.Output[str]

async def tell(label, output):
    print(f'{{label}}={{await output.is_known()}}')

a = K('a', name='{name}', size={size})
b = K('b', name='b', size=a.out)
names = ('urn', 'id', 'out', 'size', 'name')


async def tell_all():
    await asyncio.gather(*(tell('a.' + name, getattr(a, name)) for name in names))
    await asyncio.gather(*(tell('b.' + name, getattr(b, name)) for name in names))


# The engine waits for what is exported, and for no other task.
pulumi.export('told', pulumi.Output.from_input(tell_all()))
"""


def printed(text: str) -> list[str]:
    """The lines, without spaces at their ends and with all durations alike."""
    return [re.sub(r"\(\d+(\.\d+)?s\)", "(1s)", line.rstrip()) for line in text.splitlines()]


def block(text: str, title: str) -> list[str]:
    """The lines under a title, up to the next empty one."""
    lines = printed(text)
    if title not in lines:
        return []
    rest = lines[lines.index(title) + 1 :]
    return rest[: [*rest, ""].index("")]


def unknown(text: str) -> set[str]:
    """What the program said that it does not know."""
    told = dict(re.findall(r"([ab]\.\w+)=(True|False)", text))
    assert len(told) == 10
    return {name for name, known in told.items() if known == "False"}


def test_a_preview_knows_the_inputs_of_what_changes_and_all_of_what_does_not(world: Any) -> None:
    world.program(KNOWN.format(name="a", size=1))
    new = {"a.id", "a.out", "b.id", "b.out", "b.size"}
    assert unknown(world.stack.preview().stdout) == new
    assert unknown(world.stack.up().stdout) == set()
    assert unknown(world.stack.preview().stdout) == set()
    world.program(KNOWN.format(name="a", size=2))
    assert unknown(world.stack.preview().stdout) == {"a.out", "b.out", "b.size"}
    world.program(KNOWN.format(name="z", size=2))
    assert unknown(world.stack.preview().stdout) == {"a.id", "a.out", "b.out", "b.size"}


def test_a_change_names_its_properties_by_what_becomes_of_them(world: Any) -> None:
    world.program("R('a', name='a', size=1, more=2, gone=1)\nR('n', nodiff=True, size=1, gone=1)")
    world.stack.up()
    world.program("R('a', name='a', size=2, more=3, new=1)\nR('n', nodiff=True, size=2, new=1)")
    row = " ~  pulumi-python:dynamic:Resource"
    preview = printed(world.stack.preview().stdout)
    assert f"{row} a update [diff: +new-gone~more,size]" in preview
    assert f"{row} n update [diff: +new-gone~size]" in preview
    up = printed(world.stack.up().stdout)
    assert f"{row} a updating (1s) [diff: +new-gone~more,size]" in up
    assert f"{row} a updated (1s) [diff: +new-gone~more,size]" in up


def test_a_replacement_shows_its_halves_and_itself(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name='b', size=a.out)")
    world.stack.up()
    world.program("a = R('a', name='z')\nR('b', name='b', size=a.out)")
    preview = world.stack.preview().stdout
    rows = [line for line in printed(preview) if "Resource a " in line]
    assert rows == [
        " ++ pulumi-python:dynamic:Resource a create replacement [diff: ~name]",
        " +- pulumi-python:dynamic:Resource a replace [diff: ~name]",
        " -- pulumi-python:dynamic:Resource a delete original [diff: ~name]",
    ]
    assert block(preview, "Resources:") == [
        "    ~ 1 to update",
        "    +-1 to replace",
        "    2 changes. 1 unchanged",
    ]
    up = world.stack.up().stdout
    rows = [line for line in printed(up) if "Resource a " in line]
    assert rows == [
        " ++ pulumi-python:dynamic:Resource a creating replacement (1s) [diff: ~name]",
        " ++ pulumi-python:dynamic:Resource a created replacement (1s) [diff: ~name]",
        " +- pulumi-python:dynamic:Resource a replacing (1s) [diff: ~name]",
        " +- pulumi-python:dynamic:Resource a replaced (1s) [diff: ~name]",
        " -- pulumi-python:dynamic:Resource a deleting original (1s) [diff: ~name]",
        " -- pulumi-python:dynamic:Resource a deleted original (1s) [diff: ~name]",
    ]
    assert block(up, "Resources:") == [
        "    ~ 1 updated",
        "    +-1 replaced",
        "    2 changes. 1 unchanged",
    ]


def test_a_refresh_shows_what_it_found(world: Any) -> None:
    world.program("R('a', name='a', size=1)\nR('b', name='b')\nR('c', name='c')")
    world.stack.up()
    world.orders(**{"id-a": {"inputs": {"size": 5, "more": 1}}, "id-b": None})
    refresh = printed(world.stack.refresh().stdout)
    resource = "pulumi-python:dynamic:Resource"
    assert f" ~  {resource} a refreshing (1s)" in refresh
    assert f" ~  {resource} a updated (1s) [diff: +more~size]" in refresh
    assert f" -  {resource} b deleted (1s)" in refresh
    assert f"    {resource} c" in refresh


def test_a_refresh_shows_the_outputs(local_world: Any) -> None:
    # On the CLI, whether it does depends on which resource happens to be refreshed first.
    local_world.program("R('a', name='a')\npulumi.export('x', 1)")
    local_world.stack.up()
    assert block(local_world.stack.refresh().stdout, "Outputs:") == ["    x: 1"]


def test_outputs_are_shown_with_what_changed_in_them(world: Any) -> None:
    world.program(
        """
        pulumi.export('same', 'two\\nlines')
        pulumi.export('nested', {'list': [1, {'a': None}], 'none': {}, 'gone': True})
        pulumi.export('hush', pulumi.Output.secret('hush'))
        pulumi.export('old', 1)
        pulumi.export('shape', 'x')
        pulumi.export('empty', [])
        """
    )
    assert block(world.stack.preview().stdout, "Outputs:") == [
        "    hush  : [secret]",
        "    nested: {",
        "        gone: true",
        "        list: [",
        "            [0]: 1",
        "            [1]: {",
        "                a: <null>",
        "            }",
        "        ]",
        "        none: {}",
        "    }",
        "    old   : 1",
        '    same  : "two\\nlines"',
        '    shape : "x"',
    ]
    world.stack.up()
    world.program(
        """
        a = R('a', name='a')
        pulumi.export('same', 'two\\nlines')
        pulumi.export('nested', {'list': [2, {'a': None}, 3], 'none': {}})
        pulumi.export('hush', pulumi.Output.secret('more'))
        pulumi.export('shape', [1])
        pulumi.export('empty', [])
        pulumi.export('new', {'x': 0.5, 'l': [{'a': 1}]})
        """
    )
    nested = [
        "  ~ nested: {",
        "      - gone: true",
        "      ~ list: [",
        "          ~ [0]: 1 => 2",
        "            [1]: {",
        "                    a: <null>",
        "                }",
        "          + [2]: 3",
        "        ]",
        "    }",
        "  + new   : {",
        "      + l: [",
        "      +     [0]: {",
        "              + a: 1",
        "            }",
        "        ]",
        "      + x: 0.5",
        "    }",
        "  - old   : 1",
    ]
    shape = ['  - shape : "x"', "  + shape : [", "  +     [0]: 1", "    ]"]
    assert block(world.stack.preview().stdout, "Outputs:") == [*nested, *shape]
    hush, same = "    hush  : [secret]", '    same  : "two\\nlines"'
    assert block(world.stack.up().stdout, "Outputs:") == [hush, *nested, same, *shape]


def test_a_preview_does_not_show_outputs_that_are_not_known(world: Any) -> None:
    world.program("a = R('a', name='a', size=1)\npulumi.export('out', a.out)")
    assert block(world.stack.preview().stdout, "Outputs:") == ["    out: [unknown]"]
    world.stack.up()
    assert block(world.stack.preview().stdout, "Outputs:") == []
    world.program("a = R('a', name='a', size=2)\npulumi.export('out', a.out)")
    assert block(world.stack.preview().stdout, "Outputs:") == []


def test_a_failure_is_shown_beside_what_was_being_done(world: Any) -> None:
    world.program("a = R('a', name='a')")
    world.stack.up()
    world.program("a = R('a', name='a', size=2)")
    world.orders(**{"update:a": "partly"})
    shown, _ = world.fails(world.stack.up)
    row = " ~  pulumi-python:dynamic:Resource a"
    lines = printed(shown)
    assert f"{row} updating (1s) [diff: +size]; error: 1 error occurred:" in lines
    assert f"{row} **updating failed** [diff: +size]; error: 1 error occurred:" in lines
    assert "    pulumi:pulumi:Stack proj-dev running error: update failed" in lines
    assert "    * update of a never came up" in [line.replace("\t", "") for line in lines]
    assert block(shown, "Resources:") == ["    1 unchanged", "    2 errored"]


def test_a_refused_input_is_shown_under_its_resource(world: Any) -> None:
    world.program("R('a', name='a', size=0)")
    shown, _ = world.fails(world.stack.up)
    row = "    pulumi-python:dynamic:Resource a"
    lines = printed(shown)
    assert any(line.startswith(f"{row}  error: pulumi-python:dynamic:Res") for line in lines)
    assert f"{row} **failed** 1 error" in lines


def test_messages_are_shown_beside_their_resource_and_counted_at_the_end(world: Any) -> None:
    world.program("a = R('a', name='a')\npulumi.info('one\\ntwo', a)\npulumi.warn('careful')")
    lines = printed(world.stack.preview().stdout)
    assert " +  pulumi-python:dynamic:Resource a create one" in lines
    assert not any(line.endswith(" two") and "Resource a" in line for line in lines)
    assert "    two" in lines
    assert " +  pulumi:pulumi:Stack proj-dev create 1 warning" in lines


def test_only_protection_that_changes_is_shown(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.program("R('a', name='a', opts=Opts(protect=True))")
    row = "    pulumi-python:dynamic:Resource a  [diff: ~protect]"
    assert row in printed(world.stack.preview().stdout)
    assert row in printed(world.stack.up().stdout)
