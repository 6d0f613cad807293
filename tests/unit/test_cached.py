"""However many threads ask at the same moment, what a process needs once is made once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_workspaces_pool.cached import cached_once, forget

MANY = 20


def test_threads_that_ask_together_get_the_same_object_and_it_is_made_once() -> None:
    made: list[object] = []
    together = threading.Barrier(MANY)

    @cached_once
    def make(name: str) -> object:
        # Long enough for all others to come, were they let in.
        threading.Event().wait(0.2)
        made.append(name)
        return object()

    def ask(_number: int) -> object:
        together.wait()
        return make("one")

    with ThreadPoolExecutor(MANY) as threads:
        given = set(threads.map(ask, range(MANY)))
    assert len(given) == 1
    assert made == ["one"]


def test_a_failure_is_not_kept() -> None:
    answers = iter([None, "made"])

    @cached_once
    def make() -> str:
        answer = next(answers)
        if answer is None:
            raise ValueError("not yet")
        return answer

    with pytest.raises(ValueError, match="not yet"):
        make()
    assert make() == "made"


def test_other_arguments_and_another_environment_give_another_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @cached_once
    def make(_name: str = "") -> object:
        return object()

    assert make("one") is not make("two")

    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HOME", "https_proxy", "NO_PROXY"):
        before = make()
        monkeypatch.setenv(name, "other")
        assert make() is not before, name
    before = make()
    monkeypatch.setenv("UNRELATED", "other")
    assert make() is before
    forget()
    assert make() is not before
