"""Creating one pool: under which name, and whose it is if there is one already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import errors
from .errors import AwsError, Label, NameTakenError, Pool
from .ownership import CREATING, Owner
from .pools import Pools
from .waiter import DELETING, LAG, Waiter

_ALREADY_EXISTS = "ResourceAlreadyExistsException"
_NAME_LAG_PAUSE = 1.0
_LOOKS_AFTER_NO_ANSWER = 3


class Creation:
    """The creation of one operation."""

    def __init__(self, pools: Pools, waiter: Waiter) -> None:
        """Create a pool among the pools of one account and region, until the waiter's deadline."""
        self._pools = pools
        self._waiter = waiter
        self._clock = waiter.clock

    def create(
        self,
        properties: Mapping[str, Any],
        names: Sequence[str],
        owner: Owner,
        name_taken: Callable[[NameTakenError], None],
    ) -> tuple[Pool, bool]:
        """Create a pool, or take over the one that an interrupted run of this resource created.

        Args:
            properties: the pool's properties but for the name.
            names: the names to try, in order.
            owner: the resource that the pool is to be of.
            name_taken: told of each name that another pool has; raises to give up.

        Returns:
            The pool, which carries the marker, and whether this call created it.
        """
        for former in owner.formers if len(names) > 1 else ():
            found = self._pools.named(former.automatic_name(0))
            if found and self._pools.tags(found["PoolId"]).get(CREATING) == former.marker:
                return found, False
        for name in names:
            try:
                return self._create_named(name, properties, owner)
            except NameTakenError as taken:
                name_taken(taken)
        raise errors.NoFreeNameError

    def _create_named(
        self, name: str, properties: Mapping[str, Any], owner: Owner
    ) -> tuple[Pool, bool]:
        tags = {**(properties.get("tags") or {}), CREATING: owner.marker}
        refused_since = self._clock.now()
        while True:
            try:
                return self._pools.create(name, properties, tags), True
            except AwsError as error:
                if error.is_transient and (error.in_doubt or not error.is_throttled):
                    self._look_for_it(name, owner.marker, error)
                if error.code != _ALREADY_EXISTS:
                    raise
                refusal = error
            holder = self._pools.named(name)
            if holder is None:
                # Created a moment ago and not yet shown, or gone since.
                late = self._clock.now() - refused_since > LAG
                if late or self._waiter.deadline.expired:
                    raise refusal
                self._clock.sleep(_NAME_LAG_PAUSE)
            elif holder["State"] == DELETING:
                self._waiter.wait_until_gone(Label.of(holder))
            elif owner.recognizes(self._pools.tags(holder["PoolId"]).get(CREATING)):
                return holder, False
            else:
                raise NameTakenError(holder)

    def _look_for_it(self, name: str, marker: str, error: AwsError) -> None:
        """Raise for a call without an answer, which may have created the pool all the same."""
        try:
            for attempt in range(_LOOKS_AFTER_NO_ANSWER):
                if attempt:
                    self._clock.sleep(_NAME_LAG_PAUSE)
                found = self._pools.named(name)
                if found and self._pools.tags(found["PoolId"]).get(CREATING) == marker:
                    raise errors.AnswerLostError(found, error)
        except AwsError:
            raise errors.UncertainCreationError(Label(name), cause=error) from None
        raise error
