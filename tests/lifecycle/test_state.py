"""The state: what it holds of the provider."""

from __future__ import annotations

import base64

from support.program import PoolProgram


def test_the_provider_in_the_state_is_a_reference_of_at_most_200_bytes(
    program: PoolProgram,
) -> None:
    program.declare("desks")
    assert program.stack.up().ok
    serialized = program.stack.resource("desks")["inputs"]["__provider"]
    assert isinstance(serialized, str), "the provider is no secret"
    assert len(serialized) <= 200
    assert b"WorkspacesPoolProvider" in base64.b64decode(serialized)
