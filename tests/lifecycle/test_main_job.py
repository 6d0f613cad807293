"""The main job: a pool is created, kept, changed in place, replaced, refreshed and destroyed."""

from __future__ import annotations

from support.program import PoolProgram


def test_up_creates_the_pool_and_a_second_up_changes_nothing(program: PoolProgram) -> None:
    program.declare("desks", tags={"Team": "design"})

    preview = program.stack.preview()
    assert preview.ok, preview.text
    assert program.emulator.calls == []

    up = program.stack.up()
    assert up.ok, up.text
    held = program.emulator.pool(up.outputs["desks"]["pool_id"])
    assert up.outputs["desks"]["pool_arn"] == held["PoolArn"]
    assert held["State"] == "RUNNING"
    assert held["Tags"] == {"Team": "design"}

    program.emulator.clear_calls()
    again = program.stack.up()
    assert again.ok, again.text
    assert again.changes == {"same": 2}
    assert program.emulator.calls == []
