"""Check, diff, create, read, update, delete: what the engine calls."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
from pulumi.output import Unknown
from pulumi.runtime import rpc

from . import changes, errors, host, spec
from .client import ambient_region
from .configuration import Settings
from .errors import AwsError, PoolError, PoolGoneError, PoolUnreadyError, pool_label
from .markers import CREATING, RESTARTING, Owner
from .pools import DELETING, STOPPED, NameTakenError, Target, pools_of
from .waiter import Patience

if TYPE_CHECKING:
    from .waiter import Pool

Properties = dict[str, Any]

DEFAULT_TIMEOUT = 30 * 60.0
# In the state of a pool whose creation marker could not be taken off yet.
_UNFINISHED = "creationUnfinished"
# In the state of every pool: what AWS does not hold, but a later read or delete must know.
_OWN_OUTPUTS = ("disconnectActiveSessions", "assumeRole", "adoptPoolId")
# In the state of a pool whose update failed: what that update may or may not have changed.
_IN_DOUBT = "inDoubt"


def _sentence(error: Exception) -> str:
    """What a person reads of an exception."""
    if isinstance(error, AwsError):
        return errors.explain(error, _subject(), "managed")
    if isinstance(error, PoolError):
        return str(error)
    return errors.redact(
        f"{_subject()} met a fault in pulumi-workspaces-pool itself "
        f"({type(error).__name__}: {error}); please report it with the output of "
        "`pulumi up --debug`, then run again."
    )


def _subject() -> str:
    name = host.current_call().urn.rpartition("::")[2]
    return f'The pool of resource "{name}"' if name else "The pool"


_served = host.operation(_sentence, errors.redact)


class WorkspacesPoolProvider(ResourceProvider):
    """Manages pools for the engine.

    An instance carries nothing but the stack's settings, which each process reads for itself; what
    the state holds of it is a reference to this class.
    """

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's `aws:*` configuration."""
        self._get_config: Callable[[str], Any] = req.config.get

    @property
    def _settings(self) -> Settings:
        return Settings.from_config(self._get_config)

    @_served
    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuse wrong inputs, all at once, and fill in what the program left to us.

        Args:
            _olds: the inputs in the state; empty for a new resource and for a replacement.
            news: the inputs of the program; unknown ones are left alone.

        Returns:
            The inputs to go on with, and a failure for each wrong one under its property path.
        """
        olds, inputs = _own(_olds), _own(news)
        settings = self._settings
        tags = inputs.get("tags") or {}
        if settings.default_tags and isinstance(tags, Mapping):
            inputs["tags"] = {**dict(settings.default_tags), **tags}
        if "region" not in inputs:
            region = settings.region or olds.get("region") or ambient_region(settings.profile)
            if region:
                inputs["region"] = region
        failures = _adoption_problems(olds, inputs)
        # What is in the state has been checked before, and the rules take a while to load.
        if inputs != olds:
            found = spec.problems(inputs, rpc.UNKNOWN)
            failures.extend(CheckFailure(*problem) for problem in found)
            if "region" not in inputs:
                failures.append(CheckFailure("region", "is required: set aws:region or region"))
        return CheckResult(inputs, failures)

    @_served
    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compare what the program set with what AWS holds, as the state knows it; no API call.

        Args:
            _id: the pool's id.
            _olds: the outputs in the state.
            _news: the checked inputs of the program.

        Returns:
            Whether anything changes, and whether the name or the region replaces the pool.
        """
        news = _own(_news)
        adopt = news.get("adoptPoolId")
        if adopt not in (None, rpc.UNKNOWN, _id):
            raise PoolError(
                f"{_subject()} is {pool_label(_olds.get('poolName'), _id)} already, so it cannot "
                f"adopt {adopt}; declare another resource for that pool, or take adopt_pool_id out."
            )
        call = host.current_call()
        old_inputs = call.old_inputs
        found = changes.between(news, old_inputs, _own(_olds), rpc.UNKNOWN)
        if _id in (adopt, _olds.get("adoptPoolId")) and not found.replaces:
            _holders[_id] = call.urn
        # Left open, the engine finds out for itself which inputs changed: replace_on_changes needs
        # to know, and the host has no way to say.
        left_open = bool(found) and news != _own(old_inputs or {})
        return DiffResult(changes=None if left_open else bool(found), replaces=found.replaces)

    @_served
    def create(self, props: Properties) -> CreateResult:
        """Create a pool, or take over one, and wait until it is where the program wants it.

        Args:
            props: the checked inputs.

        Returns:
            The pool's id and outputs.
        """
        return _Operation(self._settings, _own(props)).create()

    @_served
    def read(self, id_: str, props: Properties) -> ReadResult:
        """Read a pool for `refresh` and `.get`.

        Args:
            id_: the pool's id.
            props: the outputs in the state; for `.get` only the inputs.

        Returns:
            Outputs and inputs as AWS holds them; an empty id if the pool is gone.
        """
        return _Operation(self._settings, _own(props)).read(id_)

    @_served
    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Change in place what the program changed, and finish what an earlier run left.

        Args:
            _id: the pool's id.
            _olds: the outputs in the state.
            _news: the checked inputs of the program.

        Returns:
            The pool's outputs.
        """
        return _Operation(self._settings, _own(_news)).update(_id, _own(_olds))

    @_served
    def delete(self, _id: str, _props: Properties) -> None:
        """Terminate a pool and wait until it is gone.

        Args:
            _id: the pool's id.
            _props: the outputs in the state.
        """
        _Operation(self._settings, _own(_props)).delete(_id)


class _Operation:
    """One create, read, update or delete: the call, its inputs, and the pools it works on."""

    def __init__(self, settings: Settings, properties: Properties) -> None:
        self.call = host.current_call()
        self.properties = properties
        self.olds: Properties = {}
        self.owner = _owner(self.call.urn)
        self.call.refuse_if_abandoned()
        settings = settings.assuming(properties.get("assumeRole"))
        self.region = properties.get("region") or settings.region
        if self.region is None:
            self.region = ambient_region(settings.profile)
        if self.region is None:
            raise PoolError(f"{_subject()} has no region; set aws:region, then run again.")
        self.pools = pools_of(settings, self.region).for_operation(self.call.refuse_if_abandoned)
        self.patience = Patience.of(
            self.call.timeout or DEFAULT_TIMEOUT, self.call.throttled_progress()
        )

    def create(self) -> CreateResult:
        news = self.properties
        pool, fresh = self._adopt() if news.get("adoptPoolId") else self._obtain()
        pool_id = pool["PoolId"]
        if not fresh:
            _holders[pool_id] = self.call.urn
        outs = self._outs(pool, news.get("tags") or {})
        if not fresh:
            # Until they have been read, nobody knows the tags of a pool that is taken over.
            outs[_IN_DOUBT] = ["tags"]
        with self._kept(pool_id, outs, news, "brought up", creating=True):
            found = changes.Changes()
            if not fresh:
                outs = self._outs(pool, self.pools.tags(pool_id))
                found = changes.between(news, None, outs)
            pool = self._apply(pool_id, found, just_created=fresh)
            if pool["State"] == STOPPED and news.get("desiredState") != STOPPED:
                _refuse_errors(pool)
            self.pools.finish_creation(pool_id)
        # No tags at all is something else than saying nothing of tags.
        tags = news.get("tags")
        return CreateResult(pool_id, self._outs(pool, outs["tags"] if tags is None else tags))

    def read(self, pool_id: str) -> ReadResult:
        if not spec.is_pool_id(pool_id):
            raise PoolError(
                f'"{pool_id}" is not the id of a pool, such as wspool-1a2b3c4d5; correct what is '
                "given to WorkspacesPool.get (get_workspaces_pool finds a pool by its name)."
            )
        pool = self.pools.find(pool_id)
        if pool is None or pool["State"] == DELETING:
            self._refuse_wrong_account(pool_id, self.properties)
            if not self._is_managed():
                raise PoolError(
                    f"The {pool_label(None, pool_id)} does not exist in {self.region}; check the "
                    "id and the region that are given to WorkspacesPool.get."
                )
            return ReadResult("", {})
        tags = self.pools.tags(pool_id)
        outs = self._outs(pool, tags)
        inputs = self.call.old_inputs
        fresh = changes.refreshed(inputs, outs) if inputs is not None else None
        if self._is_managed() and self.owner.marker in (tags.get(CREATING), tags.get(RESTARTING)):
            raise host.PartialFailureError(
                pool_id,
                {**outs, _UNFINISHED: CREATING in tags},
                fresh or {},
                f"The {pool_label(pool['PoolName'], pool_id)} is unfinished: a run that created or "
                "stopped it was interrupted; run `pulumi up` to finish it.",
            )
        return ReadResult(pool_id, outs, fresh)

    def update(self, pool_id: str, olds: Properties) -> UpdateResult:
        news, old_inputs = self.properties, self.call.old_inputs
        if news.get("assumeRole") != olds.get("assumeRole") and self.pools.find(pool_id) is None:
            self._refuse_wrong_account(pool_id, olds)
        self.olds = olds = self._without_doubt(pool_id, olds)
        found = changes.between(news, old_inputs, olds)
        held = {key: value for key, value in olds.items() if key not in _OWN_OUTPUTS}
        outs = {**held, **self._own_outputs()}
        inputs = old_inputs if old_inputs is not None else news
        with self._kept(pool_id, outs, inputs, "updated", unchanged=found):
            pool = self._apply(pool_id, found)
            if olds.get(_UNFINISHED):
                self.pools.finish_creation(pool_id)
            if _errors(pool):
                self.call.warn(_errors_sentence(pool))
        tags = {**(olds.get("tags") or {}), **found.tags}
        left = {key: value for key, value in tags.items() if key not in found.removed_tags}
        outs = changes.taken_away(found, self._outs(pool, left))
        return UpdateResult(self._keep_unchanged(outs, olds, found))

    def delete(self, pool_id: str) -> None:
        label = pool_label(self.properties.get("poolName"), pool_id)
        if pool_id in _holders:
            name = _holders[pool_id].rpartition("::")[2]
            self.call.warn(
                f'The {label} was not deleted: the resource "{name}" has taken it over and keeps '
                "it."
            )
            return
        if pool_id in _to_be_adopted:
            raise PoolError(
                f"The {label} was not deleted, because the resource that is to replace it adopts "
                "it: take adopt_pool_id away first (it has done its work once the pool is in the "
                "stack), then replace."
            )
        with _explained(f"The {label}", "deleted"):
            if self.pools.find(pool_id) is None:
                self._refuse_wrong_account(pool_id, self.properties)
                return
            disconnect = bool(self.properties.get("disconnectActiveSessions"))
            self.pools.terminate(pool_id, disconnect, self.patience)

    # Steps

    def _obtain(self) -> tuple[Pool, bool]:
        """Create the pool, or take over what an interrupted run of this resource created."""
        fixed = self.properties.get("poolName")
        label = f'The pool "{fixed}"' if fixed else _subject()

        def name_taken(taken: NameTakenError) -> None:
            if fixed:
                raise taken
            holder = taken.holder
            self.call.warn(
                f"The name of the {pool_label(holder['PoolName'], holder['PoolId'])} is the one "
                "that this resource would have taken, so another is used; if that pool is not "
                "being replaced now, it is a leftover: delete it, or adopt it with adopt_pool_id."
            )

        with _explained(label, "created"):
            fields = spec.to_api("CreateWorkspacesPool", self.properties)
            names: Iterable[str] = [fixed] if fixed else self.owner.automatic_names()
            return self.pools.create(fields, names, self.owner.marker, self.patience, name_taken)

    def _adopt(self) -> tuple[Pool, bool]:
        pool_id = self.properties["adoptPoolId"]
        with _explained(f"The {pool_label(None, pool_id)}", "adopted"):
            pool = self.pools.find(pool_id)
            if pool is None:
                raise PoolError(
                    f"The {pool_label(None, pool_id)} does not exist in {self.region}, so it "
                    "cannot be adopted; correct adopt_pool_id or the region, or take it away to "
                    "create a pool."
                )
            name = self.properties.get("poolName")
            if name not in (None, pool["PoolName"]):
                raise PoolError(
                    f"The {pool_label(pool['PoolName'], pool_id)} cannot be adopted under the name "
                    f'"{name}"; a pool keeps its name, so set pool_name="{pool["PoolName"]}" or '
                    "leave it out."
                )
        return pool, False

    def _apply(self, pool_id: str, found: changes.Changes, *, just_created: bool = False) -> Pool:
        """Bring the pool to the changes, and to the state the program desires."""
        # In this order there are never more tags than AWS allows.
        self.pools.remove_tags(pool_id, found.removed_tags)
        self.pools.add_tags(pool_id, found.tags)
        target = Target(
            fields=spec.to_api("UpdateWorkspacesPool", found.fields),
            desired_state=self.properties.get("desiredState"),
            disconnect_active_sessions=bool(self.properties.get("disconnectActiveSessions")),
            marker=self.owner.marker,
        )
        return self.pools.converge(pool_id, target, self.patience, just_created=just_created)

    @contextlib.contextmanager
    def _kept(
        self,
        pool_id: str,
        outs: Properties,
        inputs: Properties,
        doing: str,
        *,
        creating: bool = False,
        unchanged: changes.Changes | None = None,
    ) -> Iterator[None]:
        """From here on AWS has accepted: whatever fails, the engine keeps the pool."""
        try:
            yield
        except (host.AbandonedError, PoolGoneError):
            # Nobody to tell, or nothing left to keep.
            raise
        except Exception as error:
            label = pool_label(outs.get("poolName"), pool_id)
            reason = _sentence_about(error, f"The {label}", doing)
            latest = self._latest(pool_id, outs)
            if unchanged is not None:
                latest = self._keep_unchanged(latest, outs, unchanged)
                latest.update(_left_to_do(outs, unchanged))
            if creating:
                # From now on the state knows the pool. Only a pool that it does not know may be
                # taken over, so the marker goes.
                try:
                    self.pools.finish_creation(pool_id)
                except PoolError:
                    latest[_UNFINISHED] = True
            raise host.PartialFailureError(pool_id, latest, inputs, reason) from error

    def _latest(self, pool_id: str, outs: Properties) -> Properties:
        """The pool as it stands after a failure, as far as AWS still answers."""
        try:
            pool = self.pools.find(pool_id)
            return self._outs(pool, self.pools.tags(pool_id)) if pool else dict(outs)
        except PoolError:
            return dict(outs)

    def _without_doubt(self, pool_id: str, olds: Properties) -> Properties:
        """Look again at what an update that failed may or may not have changed."""
        doubted = olds.get(_IN_DOUBT)
        if not doubted:
            return olds
        with _explained(f"The {pool_label(olds.get('poolName'), pool_id)}", "read"):
            pool = self.pools.find(pool_id)
            seen = self._outs(pool, self.pools.tags(pool_id)) if pool else {}
        return {**olds, **{name: seen[name] for name in doubted if name in seen}}

    def _outs(self, pool: Pool, tags: Mapping[str, str]) -> Properties:
        return {
            **spec.from_api(pool),
            "tags": spec.foreign_tags_removed(tags),
            "region": self.region,
            **self._own_outputs(),
        }

    def _own_outputs(self) -> Properties:
        own = {name: self.properties.get(name) for name in _OWN_OUTPUTS}
        own["disconnectActiveSessions"] = own["disconnectActiveSessions"] or False
        # That a pool was taken over is never forgotten.
        own["adoptPoolId"] = own["adoptPoolId"] or self.olds.get("adoptPoolId")
        return {name: value for name, value in own.items() if value is not None}

    def _keep_unchanged(
        self, outs: Properties, olds: Properties, found: changes.Changes
    ) -> Properties:
        """Leave what this update did not touch as the state knows it.

        Drift is for `refresh` to find. Would an update let it in by the back door, the next `up`
        would undo what auto scaling did to a capacity that the program ignores.
        """
        kept = {
            name: olds[name]
            for name in spec.updatable_names()
            if name in olds and name not in found.fields and self.properties.get(name) is not None
        }
        return {**outs, **kept}

    def _is_managed(self) -> bool:
        """Whether the state holds the pool, rather than a `.get` asking for it."""
        return self.call.properties_known and "poolArn" in self.properties

    def _refuse_wrong_account(self, pool_id: str, held: Properties) -> None:
        """Do not take a pool for gone that merely belongs to another account."""
        its_account = spec.account_of(held.get("poolArn"))
        if its_account is None:
            return
        try:
            account = self.pools.account_of_credentials()
        except AwsError as error:
            if not errors.is_passing(error):
                # Where there is no STS at all, nobody can tell.
                return
            raise PoolError(
                f"The {pool_label(held.get('poolName'), pool_id)} is not there, and whether it is "
                f"deleted or belongs to another account than this run's could not be asked "
                f"({error.operation} of STS: {error.code}); make STS reachable, then run again."
            ) from None
        if account != its_account:
            raise PoolError(
                f"The {pool_label(held.get('poolName'), pool_id)} belongs to account "
                f"{its_account}, but this run reaches AWS as account {account}; sign in "
                "to the other account, or name a role of it in assume_role, then run again."
            )


# The resources that took pools over and keep them, by the pool's id: whoever had such a pool before
# is deleted by the same run, or by a later one if this one fails, and must not take it along.
_holders: dict[str, str] = {}
# Pools that new resources are to adopt: to delete one of these would be to replace it by itself.
_to_be_adopted: set[str] = set()
# Resources whose state this process has seen checked: a check without olds is then a replacement.
_known_resources: set[str] = set()


def _adoption_problems(olds: Properties, inputs: Properties) -> list[CheckFailure]:
    """Refuse to replace an adopted pool by itself: the engine would delete it afterwards."""
    urn = host.current_call().urn
    if olds:
        _known_resources.add(urn)
        return []
    for pool_id in [pool_id for pool_id, holder in _holders.items() if holder == urn]:
        del _holders[pool_id]
    if isinstance(inputs.get("adoptPoolId"), str):
        _to_be_adopted.add(inputs["adoptPoolId"])
    if urn in _known_resources and inputs.get("adoptPoolId"):
        reason = (
            "names the pool that is to be replaced; take adopt_pool_id away first (it has done its "
            "work once the pool is in the stack), then replace"
        )
        return [CheckFailure("adoptPoolId", reason)]
    return []


@contextlib.contextmanager
def _explained(subject: str, doing: str) -> Iterator[None]:
    """Let what AWS refuses name the pool and what was being done with it."""
    try:
        yield
    except AwsError as error:
        raise PoolError(errors.explain(error, subject, doing)) from None


def _sentence_about(error: Exception, subject: str, doing: str) -> str:
    if isinstance(error, AwsError):
        return errors.explain(error, subject, doing)
    return _sentence(error)


def _refuse_errors(pool: Pool) -> None:
    """A new pool that stopped with errors of its own is not what the program asked for."""
    if _errors(pool):
        raise PoolUnreadyError(_errors_sentence(pool))


def _errors(pool: Pool) -> list[Any]:
    """What is wrong with a pool; that it is stopped is none of it."""
    return [
        error
        for error in pool.get("Errors", [])
        if error.get("ErrorCode") != "WORKSPACES_POOL_STOPPED"
    ]


def _errors_sentence(pool: Pool) -> str:
    label = pool_label(pool["PoolName"], pool["PoolId"])
    said = errors.explain_pool_errors(_errors(pool))
    then = "run `pulumi up` again"
    if pool["State"] == STOPPED:
        then = 'set desired_state="RUNNING" to start it, and run `pulumi up` again'
    return f"The {label} is {pool['State']} and AWS reports {said}; then {then}."


def _owner(urn: str) -> Owner:
    parts = urn.split("::", 3)
    if len(parts) < 4:
        # Without a URN there is nothing to recognise an interrupted run by.
        return Owner("stack", "project", "pool", uuid.uuid4().hex)
    return Owner(parts[0].rpartition(":")[2], parts[1], parts[3], urn)


def _own(properties: Properties) -> Properties:
    """The properties that are ours: no `__provider`, nothing left out as None."""
    own: Properties = _marked(
        {key: value for key, value in properties.items() if key != host.PROVIDER_KEY}
    )
    return own


def _marked(value: Any) -> Any:
    """Replace the SDK's objects for unknown values, which equal nothing, by its mark for them."""
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items() if item is not None}
    return value


def _left_to_do(outs: Properties, found: changes.Changes) -> Properties:
    """What the next update has to know of one that failed."""
    doubted = {*outs.get(_IN_DOUBT, ()), *found.fields}
    if found.tags or found.removed_tags:
        doubted.add("tags")
    left: Properties = {_IN_DOUBT: sorted(doubted)} if doubted else {}
    return {**left, _UNFINISHED: True} if outs.get(_UNFINISHED) else left
