"""Default and ignored tags: they are the stack's, and no inputs of the program."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from support.program import PoolProgram

SAME = {"same": 2}
UPDATED = {"update": 1, "same": 1}


@pytest.fixture
def tagged(program: PoolProgram) -> PoolProgram:
    """A pool with a tag of its own, one by default, and one that overrides a default."""
    set_defaults(program, Cost="42", Team="all")
    program.create("desks", pool_name="desks", tags={"Team": "design", "Stage": "test"})
    return program


def set_defaults(program: PoolProgram, *, secret: bool = False, **tags: str) -> None:
    """Set `aws:defaultTags` of the stack."""
    program.stack.set_config("aws:defaultTags", json.dumps({"tags": tags}), secret=secret)


def tags_of(program: PoolProgram) -> Any:
    """The tags of the pool on AWS."""
    return program.emulator.pool("desks")["Tags"]


@pytest.mark.needs_cli
def test_default_tags_are_in_no_input_and_come_back_where_nothing_overrides_them(
    tagged: PoolProgram,
) -> None:
    assert tags_of(tagged) == {"Cost": "42", "Team": "design", "Stage": "test"}
    resource = tagged.stack.resource("desks")
    assert resource["inputs"]["tags"] == {"Team": "design", "Stage": "test"}
    assert resource["outputs"]["tags"] == {"Team": "design", "Stage": "test"}
    tagged.stack.up().expect(**SAME)
    tagged.stack.refresh().expect(**SAME)

    tagged.update("desks", tags={"Stage": "test"}).expect(**UPDATED)
    assert tags_of(tagged) == {"Cost": "42", "Team": "all", "Stage": "test"}

    set_defaults(tagged, Cost="43")
    tagged.stack.up().expect(**UPDATED)
    assert tags_of(tagged) == {"Cost": "43", "Stage": "test"}
    tagged.stack.up().expect(**SAME)


def test_a_default_tag_that_is_removed_leaves_a_pool_without_tags_of_its_own(
    program: PoolProgram,
) -> None:
    set_defaults(program, Cost="42")
    program.create("desks", pool_name="desks")
    # Somebody else's tag is neither drift nor ours to remove, as no tags are declared.
    program.emulator.set_tags("desks", {"Theirs": "x"})
    program.stack.refresh().expect()
    set_defaults(program, Stage="test")
    program.stack.up().expect(**UPDATED)
    assert tags_of(program) == {"Stage": "test", "Theirs": "x"}
    program.stack.up().expect(**SAME)


def test_the_drift_of_a_default_tag_is_seen_and_undone(tagged: PoolProgram) -> None:
    tagged.emulator.set_tags("desks", {"Cost": "by hand"})
    tagged.stack.refresh().expect(**UPDATED)
    assert tagged.stack.resource("desks")["outputs"]["tags"]["Cost"] == "by hand"
    tagged.stack.up().expect(**UPDATED)
    assert tags_of(tagged)["Cost"] == "42"
    tagged.emulator.remove_tags("desks", ["Cost"])
    tagged.stack.refresh().expect(**UPDATED)
    tagged.stack.up().expect(**UPDATED)
    assert tags_of(tagged) == {"Cost": "42", "Team": "design", "Stage": "test"}


@pytest.mark.needs_cli
def test_ignored_changes_of_tags_are_those_of_the_program_and_not_of_the_stack(
    tagged: PoolProgram,
) -> None:
    tagged.update("desks", tags={"Team": "other"}, opts={"ignore_changes": ["tags"]}).expect(**SAME)
    set_defaults(tagged, Cost="43", Team="all")
    tagged.stack.up().expect(**UPDATED)
    assert tags_of(tagged) == {"Cost": "43", "Team": "design", "Stage": "test"}


@pytest.mark.needs_cli
def test_a_secret_default_tag_is_nowhere_plain(program: PoolProgram) -> None:
    set_defaults(program, secret=True, Cost="hidden-cost-centre")
    program.declare("desks", pool_name="desks", tags={"Team": "design"})
    texts = [program.stack.up().text, program.stack.refresh().text]
    set_defaults(program, secret=True, Cost="hidden-cost-centre", Stage="hidden-stage")
    texts.append(program.stack.up(diff=True).text)
    assert tags_of(program)["Stage"] == "hidden-stage"
    # The export shows what is encrypted, under a name of its own.
    state = json.dumps(program.stack.stack.export_stack().deployment)
    texts.append(re.sub(r'"plaintext": "(\\.|[^"\\])*"', "", state))
    assert not [text for text in texts if "hidden-" in text]


def test_tags_that_the_stack_ignores_are_neither_shown_nor_changed(tagged: PoolProgram) -> None:
    ignored = {"keys": ["Scanner"], "keyPrefixes": ["kubernetes.io/"]}
    tagged.emulator.set_tags("desks", {"Scanner": "1", "kubernetes.io/pool": "x"})
    tagged.stack.refresh().expect(**UPDATED)
    tagged.stack.set_config("aws:ignoreTags", json.dumps(ignored))
    tagged.stack.up().expect(**SAME)
    tagged.stack.refresh().expect()
    tagged.stack.refresh().expect(**SAME)
    tagged.update("desks", tags={"Team": "build"}).expect(**UPDATED)
    expected = {"Cost": "42", "Team": "build", "Scanner": "1", "kubernetes.io/pool": "x"}
    assert tags_of(tagged) == expected
    tagged.change("desks", tags={"Scanner": "mine"})
    tagged.stack.preview().expect_failure(
        'has the key "Scanner", which aws:ignoreTags leaves to others'
    )


def test_default_tags_that_are_too_many_or_wrong_are_refused_in_preview(
    program: PoolProgram,
) -> None:
    defaults = {**{f"k{number}": "v" for number in range(40)}, "Long": "x" * 256}
    program.stack.set_config("aws:defaultTags", json.dumps({"tags": defaults}))
    program.declare("desks", tags={f"t{number}": "v" for number in range(10)})
    program.stack.preview().expect_failure("must have at most 49 tags, but has 51", 'tags["Long"]')
    assert program.emulator.calls == []
