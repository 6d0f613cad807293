"""One create, read, update or delete of one pool, for whatever engine asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from . import changes, errors, messages, outputs, ownership, spec
from .changes import Changes
from .convergence import Convergence, Target
from .creation import Creation
from .errors import AwsError, Label, Pool, PoolError
from .ownership import CREATING, OWNER, RESTARTING
from .pools import STOPPED, pools_at
from .request import Request
from .tags import ALL, held_in
from .waiter import DELETING, MISSING, Deadline, Waiter

Properties = dict[str, Any]

DEFAULT_TIMEOUT = 30 * 60.0
_TOO_MANY = "ResourceLimitExceededException"
# No engine to report to, or no pool of this resource to record.
_NOTHING_TO_RECORD = (
    errors.AbandonedError,
    errors.ChangedHandsError,
    errors.ForbiddenAccountError,
    errors.PoolGoneError,
    errors.UnprovenGoneError,
    errors.WrongAccountError,
)


class Operation:
    """One create, read, update or delete: the request, and the pools that it works on."""

    def __init__(self, request: Request) -> None:
        """Prepare the operation.

        Args:
            request: what the engine asks for.

        Raises:
            NoRegionError: there is no region to work in.
            AbandonedError: the engine is gone.
        """
        self._request = request
        self._reporter = request.reporter
        self._rules = request.settings.tag_rules
        request.reporter.before_write()
        self._region, pools = pools_at(request.settings, request.inputs)
        deadline = Deadline.after(request.timeout or DEFAULT_TIMEOUT, pools.poller.clock)
        self._pools = pools.for_operation(deadline, request.reporter)
        waiter = Waiter(pools.poller, deadline, request.reporter)
        self._creation = Creation(self._pools, waiter)
        self._convergence = Convergence(
            self._pools,
            waiter,
            request.reporter,
            disconnect_sessions=bool(request.inputs.get("disconnectActiveSessions")),
        )

    # Create

    def create(self) -> tuple[str, Properties]:
        """Create a pool, or adopt one, and wait until it is where the program wants it.

        Returns:
            The pool's id and outputs.

        Raises:
            PartialFailureError: the pool exists, but is not where it should be.
            PoolError: there is no pool.
        """
        news, own = self._request.inputs, {}
        if adopted := news.get("adoptPoolId"):
            pool, tags = self._adopt(adopted)
            fresh, lost = False, None
        else:
            pool, fresh, lost = self._obtain()
            tags = self._rules.wanted(news.get("tags"))
        pool_id = pool["PoolId"]
        if not (fresh or lost):
            with _naming(Label.of(pool), "adopted" if adopted else "taken over"):
                own = self._write_owner(pool_id, adopting=bool(adopted))
        outs = {**self._recorded(pool, tags), **own}
        are_tags_known = fresh or adopted
        if not are_tags_known:
            # Until they have been read, nobody knows the tags of a pool that is taken over.
            outs[outputs.IN_DOUBT] = ["tags", ALL]
        with self._recording_failures(pool_id, outs, news, "brought up", creating=True):
            if lost is not None:
                raise lost
            if not are_tags_known:
                tags = self._pools.tags(pool_id)
            found = Changes() if fresh else self._diff(None, self._recorded(pool, tags))
            self._set_tags(pool_id, found)
            pool = self._convergence.settled(Label.of(pool), pool, just_created=fresh)
            pool = self._convergence.converge(pool, self._target(found, {} if fresh else tags))
            has_stopped = pool["State"] == STOPPED and news.get("desiredState") != STOPPED
            if has_stopped and messages.other_errors(pool):
                raise errors.StoppedWithErrorsError(pool=pool)
            self._finish_creation(pool_id)
        return pool_id, {**self._recorded(pool, outputs.tags_after(tags, found)), **own}

    def _obtain(self) -> tuple[Pool, bool, AwsError | None]:
        """Create the pool, or take over what an interrupted run of this resource created.

        Returns the pool, whether it is new, and the error that took its creation's answer away.
        """
        news, owner = self._request.inputs, self._request.owner
        fixed = news.get("poolName")

        def name_taken(taken: errors.NameTakenError) -> None:
            if fixed:
                raise taken
            self._reporter.warn(messages.another_name(taken.pool))

        with _naming(Label(fixed), "created"):
            names = [fixed] if fixed else owner.automatic_names()
            tagged = {**news, "tags": self._rules.wanted(news.get("tags"))}
            try:
                return *self._creation.create(tagged, names, owner, name_taken), None
            except errors.AnswerLostError as error:
                return error.pool, False, error.cause.about(Label.of(error.pool), "created")

    def _adopt(self, pool_id: str) -> tuple[Pool, dict[str, str]]:
        """Find the pool that the program adopts, and its tags; refuse one that cannot be."""
        owner = self._request.owner
        with _naming(Label(pool_id=pool_id), "adopted"):
            pool = self._pools.find(pool_id)
            if pool is None:
                raise errors.NothingToAdoptError(Label(pool_id=pool_id), region=self._region)
            name = self._request.inputs.get("poolName")
            if name not in (None, pool["PoolName"]):
                raise errors.FixedNameError(Label.of(pool), wanted=name)
            tags = self._pools.tags(pool_id)
            creator = tags.get(CREATING, owner.marker)
            if pool["State"] == "CREATING" and not owner.recognizes(creator):
                raise errors.UnfinishedElsewhereError(Label.of(pool), owner_tag=creator)
        return pool, tags

    def _write_owner(self, pool_id: str, *, adopting: bool) -> Properties:
        """Tag a pool so that any other state which knows it lets go of it from here on.

        That is a former owner's, or this resource's own where it replaces a pool whose creation
        marker could not be taken off: the replacement is then that pool.
        """
        owner_tag = self._request.owner.new_adoption()
        try:
            self._pools.add_tags(pool_id, {OWNER: owner_tag})
        except AwsError as error:
            # Beside the creation marker, all the tags of a program leave no room for another.
            if adopting or error.code != _TOO_MANY:
                raise
            return {}
        self._request.claims.end_adoption(pool_id)
        return {outputs.OWNER_TAG: owner_tag}

    def _finish_creation(self, pool_id: str) -> None:
        """Take the creation marker off: from here on the engine's state knows the pool."""
        self._pools.remove_tags(pool_id, [CREATING])

    # Read

    def read(self, pool_id: str) -> tuple[Properties, Properties | None] | None:
        """Read a pool for a refresh or a lookup by id.

        Args:
            pool_id: the pool's id.

        Returns:
            Outputs and inputs as AWS holds them; None if the pool is gone. Inputs are None where
            the state has none.

        Raises:
            PartialFailureError: an interrupted run left the pool unfinished.
            PoolError: the pool could not be read, or it is not known whether it is gone.
        """
        if not spec.is_pool_id(pool_id):
            raise errors.NotAPoolIdError(value=pool_id)
        olds, label = self._request.outputs, self._label(pool_id)
        with _naming(label, "read"):
            pool = self._pools.find(pool_id)
            if pool is None or pool["State"] == DELETING:
                if not olds:
                    raise errors.NotFoundError(label, region=self._region)
                if pool is None:
                    self._prove_gone(label)
                return None
            tags = self._pools.tags(pool_id)
        self._note_own_tag(tags)
        inputs = self._request.old_inputs
        outs = self._recorded(pool, tags, inputs)
        if olds and ALL not in olds:
            # A state of before stays as it is, until something changes.
            outs["tags"] = outs.pop(ALL)
        fresh = changes.refreshed(inputs, outs) if inputs is not None else None
        if olds and self._is_foreign(tags):
            self._reporter.warn(
                messages.sentence(errors.ChangedHandsError(Label.of(pool), tags[OWNER]))
            )
        elif olds and (self._request.owner.recognizes(tags.get(CREATING)) or RESTARTING in tags):
            unfinished = {**outs, outputs.UNFINISHED: CREATING in tags}
            raise errors.PartialFailureError(
                pool_id, unfinished, fresh or {}, errors.UnfinishedError(Label.of(pool))
            )
        return outs, fresh

    # Update

    def update(self, pool_id: str) -> Properties:
        """Change in place what the program changed, and finish what an earlier run left.

        Args:
            pool_id: the pool's id.

        Returns:
            The pool's outputs.

        Raises:
            PartialFailureError: something of it failed.
            PoolError: the pool is gone, or is not this resource's any more.
        """
        news, olds = self._request.inputs, self._request.outputs
        outs = outputs.with_own(olds, news, olds)
        old_inputs = self._request.old_inputs
        inputs = old_inputs if old_inputs is not None else news
        found = self._diff(old_inputs, olds)
        with self._recording_failures(pool_id, outs, inputs, "updated", unchanged=found):
            pool, tags = self._own_pool(pool_id)
            doubted = olds.get(outputs.IN_DOUBT, ())
            if doubted:
                seen = self._recorded(pool, tags)
                olds = {**olds, **{name: seen[name] for name in doubted if name in seen}}
                found = self._diff(old_inputs, olds)
            self._set_tags(pool_id, found)
            pool = self._convergence.settled(Label.of(pool), pool)
            pool = self._convergence.converge(pool, self._target(found, tags))
            if olds.get(outputs.UNFINISHED):
                self._finish_creation(pool_id)
            if messages.other_errors(pool):
                self._reporter.warn(messages.sentence(errors.StoppedWithErrorsError(pool=pool)))
        outs = self._recorded(pool, outputs.tags_after(held_in(olds), found))
        return outputs.keep_unchanged(found.patch.without_removed(outs), olds, found, news)

    def _own_pool(self, pool_id: str, *, deleting: bool = False) -> tuple[Pool, dict[str, str]]:
        """See the pool and its tags; refuse one that is gone or has changed hands."""
        label = self._label(pool_id)
        pool = self._pools.find(pool_id)
        if pool is None:
            self._prove_gone(label)
            raise errors.PoolGoneError(label, MISSING)
        tags = self._pools.tags(pool_id)
        if not deleting:
            self._note_own_tag(tags)
        if self._is_foreign(tags):
            raise errors.ChangedHandsError(Label.of(pool), tags[OWNER])
        return pool, tags

    # Delete

    def delete(self, pool_id: str) -> None:
        """Terminate a pool, unless it has changed hands, and wait until it is gone.

        Args:
            pool_id: the pool's id.

        Raises:
            PoolError: the pool is there still, or it is not known whether it is gone.
        """
        label = self._label(pool_id)
        with _naming(label, "deleted"):
            try:
                pool, _tags = self._own_pool(pool_id, deleting=True)
            except errors.PoolGoneError:
                return
            except errors.ChangedHandsError as error:
                self._reporter.warn(messages.not_deleted(error))
                return
            if self._request.claims.is_to_be_adopted(pool_id):
                raise errors.ReplacedByItselfError(label)
            try:
                self._convergence.terminate(pool)
            except (errors.CancelledError, errors.TimedOutError) as error:
                error.command = "pulumi destroy"
                raise

    # Steps

    def _set_tags(self, pool_id: str, found: Changes) -> None:
        # In this order there are never more tags than AWS allows.
        self._pools.remove_tags(pool_id, found.removed_tags)
        self._pools.add_tags(pool_id, found.tags)

    def _target(self, found: Changes, tags: Mapping[str, str]) -> Target:
        return Target(
            patch=found.patch,
            desired_state=self._request.inputs.get("desiredState"),
            marker=self._request.owner.marker,
            restarting=RESTARTING in tags,
        )

    @contextlib.contextmanager
    def _recording_failures(
        self,
        pool_id: str,
        outs: Properties,
        inputs: Properties,
        doing: str,
        *,
        creating: bool = False,
        unchanged: Changes | None = None,
    ) -> Iterator[None]:
        """From here on AWS has accepted: whatever fails, the engine keeps the pool."""
        try:
            with _naming(Label(outs.get("poolName"), pool_id), doing):
                yield
        except _NOTHING_TO_RECORD:
            raise
        except Exception as error:
            latest = self._latest(pool_id, outs)
            if unchanged is not None:
                latest = outputs.keep_unchanged(latest, outs, unchanged, self._request.inputs)
                latest.update(outputs.left_to_do(outs, unchanged))
            if creating:
                # From now on the state knows the pool. Only a pool that it does not know may be
                # taken over, so the marker goes.
                try:
                    self._finish_creation(pool_id)
                except PoolError:
                    latest[outputs.UNFINISHED] = True
            raise errors.PartialFailureError(pool_id, latest, inputs, error) from error

    def _latest(self, pool_id: str, outs: Properties) -> Properties:
        """The pool as it stands after a failure, as far as AWS still answers."""
        own = {name: outs[name] for name in outs.keys() & {outputs.OWNER_TAG}}
        try:
            pool = self._pools.find(pool_id)
            return (
                {**self._recorded(pool, self._pools.tags(pool_id)), **own} if pool else dict(outs)
            )
        except PoolError:
            return dict(outs)

    def _diff(self, old_inputs: Properties | None, olds: Properties) -> Changes:
        return changes.diff(self._request.inputs, old_inputs, olds, self._rules)

    def _recorded(
        self, pool: Pool, tags: Mapping[str, str], inputs: Properties | None = None
    ) -> Properties:
        news = self._request.inputs
        if inputs is not None:
            news = {**news, "tags": inputs.get("tags")}
        return outputs.of(pool, tags, self._rules, self._region, news, self._request.outputs)

    # Whose pool it is, and whether it is gone

    def _label(self, pool_id: str) -> Label:
        return Label(self._request.outputs.get("poolName"), pool_id)

    def _is_foreign(self, tags: Mapping[str, str]) -> bool:
        return ownership.has_changed_hands(tags, self._request.outputs.get(outputs.OWNER_TAG))

    def _note_own_tag(self, tags: Mapping[str, str]) -> None:
        """Take for the state's own a tag that an interrupted run of this resource wrote.

        But not to delete: another entry of the state may have taken the pool over with it.
        """
        if self._request.owner.has_adopted(tags.get(OWNER, "")):
            self._request.outputs[outputs.OWNER_TAG] = tags[OWNER]

    def _prove_gone(self, label: Label) -> None:
        """Do not take a pool for gone that merely belongs to another account."""
        self._pools.refuse_another_account(label, self._request.outputs.get("poolArn"))


@contextlib.contextmanager
def _naming(label: Label, doing: str) -> Iterator[None]:
    """Re-raise an AWS error as one that names the pool and what was being done with it."""
    try:
        yield
    except AwsError as error:
        raise error.about(label, doing) from None
