"""The engine's six calls: what Pulumi says -> lifecycle -> what Pulumi is told."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime import rpc

from . import host, messages, preview
from .backend import current_backend
from .configuration import Settings
from .errors import PartialFailureError, WrongInputsError
from .host import own_properties
from .lifecycle import Operation
from .masking import DEFAULT_TAGS
from .ownership import Alias, Claims, Owner
from .request import Request

Properties = dict[str, Any]

# Which resource of this run has which pool: the host's process serves one run.
_claims = Claims()
_served = host.operation(messages.sentence)


class WorkspacesPoolProvider(ResourceProvider):
    """Manages pools for the engine.

    What the state holds of an instance is a reference to this class, and what only the program's
    process knows: the organization, and the resource's aliases.
    """

    serialize_as_secret_always = False
    # Instances in states of before owners have none of their own.
    _known: tuple[str, tuple[Alias, ...]] = ("", ())

    def __init__(self, organization: str = "", aliases: tuple[Alias, ...] = ()) -> None:
        """Serve a resource of an organization's stack."""
        self._known = (organization, aliases)

    def __reduce__(self) -> Any:
        """Keep the state free of anything else."""
        return WorkspacesPoolProvider, self._known

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's `aws:*` configuration."""
        self._get_config: Callable[[str], Any] = req.config.get
        # The keys themselves, to find those that do not exist, are not to be had in public.
        self._config_names = tuple(getattr(req.config, "_props", ()))

    @_served
    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse wrong inputs, all at once, and fill in what the program left to us."""
        inputs, problems = preview.check(self._request(news), rpc.UNKNOWN)
        call = host.current_call()
        inputs.update({key: news[key] for key in call.internal if key in news})
        return CheckResult(inputs, [_failure(*problem) for problem in problems])

    @_served
    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compare what the program set with what AWS holds, as the state knows it."""
        changes, replaces = preview.diff(self._request(_news, _olds), _id, rpc.UNKNOWN)
        return DiffResult(changes=changes, replaces=replaces)

    @_served
    def create(self, props: Properties) -> CreateResult:
        """Create a pool, or adopt one, and wait until it is where the program wants it."""
        with _partial_failures():
            pool_id, outs = Operation(self._request(props)).create()
        return CreateResult(pool_id, host.current_call().to_record(outs))

    @_served
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Read a pool for `refresh`, or for `.get`, whose properties are inputs alone."""
        is_managed = host.current_call().properties_known and "poolArn" in props
        if not is_managed and (problems := preview.read_problems(self._request(props))):
            raise WrongInputsError(problems=problems)
        with _partial_failures():
            found = Operation(self._request(props, props if is_managed else {})).read(id_)
        if found is None:
            return ReadResult("", {})
        outs, inputs = found
        call = host.current_call()
        return ReadResult(
            id_, call.to_record(outs), None if inputs is None else {**inputs, **call.internal}
        )

    @_served
    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Change in place what the program changed, and finish what an earlier run left."""
        with _partial_failures():
            outs = Operation(self._request(_news, _olds)).update(_id)
        return UpdateResult(host.current_call().to_record(outs))

    @_served
    def delete(self, _id: str, _props: Properties) -> None:
        """Terminate a pool and wait until it is gone."""
        Operation(self._request(_props, _props)).delete(_id)

    def _request(self, inputs: Properties, outputs: Properties | None = None) -> Request:
        call = host.current_call()
        settings = Settings.from_config(self._get_config, self._config_names)
        if DEFAULT_TAGS in call.secrets.names:
            call.secrets = call.secrets.with_texts(itertools.chain(*settings.default_tags))
        return Request(
            owner=Owner.of(call.urn, current_backend(), *self._known),
            settings=settings,
            reporter=call,
            claims=_claims,
            inputs=own_properties(inputs),
            old_inputs=call.old_inputs,
            outputs=own_properties(outputs or {}),
            timeout=call.timeout,
        )


def _failure(path: str, reason: str) -> CheckFailure:
    """What the engine is told of a wrong input; of its path, only the key of a tag is a secret."""
    mask = host.current_call().mask
    names, bracket, key = path.partition("[")
    return CheckFailure(names + mask(bracket + key), mask(reason))


@contextlib.contextmanager
def _partial_failures() -> Iterator[None]:
    """Tell the engine of a pool that exists, but is not where it should be."""
    try:
        yield
    except PartialFailureError as error:
        reason = messages.sentence(error.cause, host.current_call().name)
        raise host.InitFailedError(error.pool_id, error.outputs, error.inputs, reason) from None
