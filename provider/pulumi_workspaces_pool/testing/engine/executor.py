"""The step executor: does steps on a few threads, and stops starting new ones after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from .errors import EngineError, ProtectedError, Status, StepError
from .state import Resource
from .steps import Step
from .values import Secret


class Watcher(Protocol):
    """Who is told of every step."""

    def step_begins(self, step: Step) -> None:
        """A step begins."""

    def step_succeeded(self, step: Step) -> None:
        """A step was done."""

    def step_failed(self, step: Step, message: str) -> None:
        """A step failed."""


class StepExecutor:
    """Does chains of steps, several chains at once."""

    def __init__(
        self,
        parallel: int,
        watcher: Watcher,
        on_cancel: Callable[[], None],
        *,
        ignore_errors: bool = False,
    ) -> None:
        """Wait for steps.

        Args:
            parallel: how many chains at once.
            watcher: who is told.
            on_cancel: called once, when no more steps are begun.
            ignore_errors: whether the others go on after a failure.
        """
        self._watcher = watcher
        self._on_cancel = on_cancel
        self._ignore_errors = ignore_errors
        # A chain waits for its turn before the next registration is looked at: a program that
        # registers a thousand resources does not have them all checked before the first is made.
        self._slots = threading.Semaphore(parallel)
        self._workers = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="step")
        self._cancelled = threading.Event()
        self.errored = False
        self.refused: list[Step] = []
        """The steps that protection did not allow."""
        self.pending_news: dict[str, Step] = {}

    @property
    def cancelled(self) -> bool:
        """Whether no more steps are begun."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Begin no more steps; those under way go on."""
        if not self._cancelled.is_set():
            self._cancelled.set()
            self._on_cancel()

    def submit(self, chain: Sequence[Step]) -> Future[None]:
        """Have the steps of a chain done, one after the other, once a thread is free."""
        while not self._slots.acquire(timeout=0.05):
            if self.cancelled:
                break
        else:
            return self._workers.submit(self._do_chain, chain)
        nothing: Future[None] = Future()
        nothing.set_result(None)
        return nothing

    def all_of(self, steps: Sequence[Step]) -> None:
        """Have all of some steps done, and wait for them."""
        futures = [self.submit([step]) for step in steps]
        for future in futures:
            future.result()

    def finish(self) -> None:
        """Wait for everything that is under way."""
        self._workers.shutdown(wait=True)

    def _do_chain(self, chain: Sequence[Step]) -> None:
        try:
            for step in chain:
                if self.cancelled or not self._do(step):
                    return
        except Exception as error:
            # Not the step's own failure, but that of showing or saving it: nothing can go on.
            self.errored = True
            self.cancel()
            raise EngineError(_sentence(error)) from error
        finally:
            self._slots.release()

    def _do(self, step: Step) -> bool:
        self._watcher.step_begins(step)
        try:
            step.begin()
            complete = step.apply()
        except StepError as failure:
            # Of a partial failure, there is something to be kept.
            partial = failure.status is Status.PARTIAL
            if partial:
                _mark_secrets(step.new)
            self._watcher.step_failed(step, str(failure))
            step.end(successful=partial)
            self._failed(step, failure)
            return False
        except Exception as error:  # whatever it is, it must not get lost with its thread
            self._watcher.step_failed(step, _sentence(error))
            step.end(successful=False)
            self._failed(step, error)
            return False
        if step.op != "replace":
            _mark_secrets(step.new)
        if (step.logical and step.new is not None) or step.op == "create-replacement":
            self.pending_news[step.urn] = step
        step.end(successful=True)
        self._watcher.step_succeeded(step)
        if complete is not None:
            complete()
        return True

    def _failed(self, step: Step, error: Exception) -> None:
        self.errored = True
        if isinstance(error, ProtectedError):
            # Nothing was touched: the rest can go on, to report all refusals.
            self.refused.append(step)
        elif not self._ignore_errors:
            self.cancel()


def _sentence(error: Exception) -> str:
    if isinstance(error, EngineError):
        return str(error)
    return f"the engine failed: {type(error).__name__}: {error}"


def _mark_secrets(new: Resource | None) -> None:
    """Mark the outputs that were asked to be secret, and those whose inputs are."""
    if new is None:
        return
    secret = {*new.additional_secret_outputs} - {"id"}
    secret.update(key for key, value in new.inputs.items() if isinstance(value, Secret))
    new.outputs = {
        key: Secret(value) if key in secret and not isinstance(value, Secret) else value
        for key, value in new.outputs.items()
    }
