"""Every sentence that a person reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from . import advice, errors
from .errors import AwsError, Label, Pool
from .ownership import describe_owner
from .redaction import redact

_DENIED_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")

STOPPED_TO_DELETE = "AWS does not delete the pool in this state, so it is stopped first"


def sentence(error: Exception, resource_name: str = "") -> str:
    """Return the user-facing message for an exception.

    Args:
        error: the exception.
        resource_name: the resource's logical name, for an error that does not know its pool.

    Returns:
        One sentence: which pool, what happened, what to do; free of credentials.
    """
    subject = f'pool of resource "{resource_name}"' if resource_name else "pool"
    describe = _SENTENCES.get(type(error))
    if describe is not None:
        return redact(describe(error, subject))
    return redact(
        f"The {subject} met a fault in pulumi-workspaces-pool itself "
        f"({type(error).__name__}: {error}); please report it with the output of "
        "`pulumi up --debug`, then run again."
    )


_SENTENCES: dict[type[Exception], Callable[[Any, str], str]] = {}
E = TypeVar("E", bound=Exception)
Sentence = Callable[[E, str], str]


def _for(kind: type[E]) -> Callable[[Sentence[E]], Sentence[E]]:
    """Decorate the function that returns the sentence for a kind of error and its subject."""

    def register(describe: Sentence[E]) -> Sentence[E]:
        _SENTENCES[kind] = describe
        return describe

    return register


def pool_label(label: Label) -> str:
    """Return how a message names a pool, such as ``pool "desks" (wspool-1a2b3c4d5)``."""
    if label.name and label.pool_id:
        return f'pool "{label.name}" ({label.pool_id})'
    return f'pool "{label.name}"' if label.name else f"pool {label.pool_id}"


def format_duration(seconds: float) -> str:
    """Return a duration as people write it, such as "2m10s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


# Progress


def progress(state: str, seconds: float) -> str:
    """Return the progress line of a pool that has been in a state for so many seconds."""
    return f"{state} for {format_duration(seconds)}"


def no_answer(state: str, code: str) -> str:
    """Return the progress line of a wait during which AWS does not answer."""
    return f"{state}; AWS does not answer ({code})"


def ending_session(number: int, count: int) -> str:
    """Return the progress line of a stop that ends users' sessions."""
    return f"ending user session {number} of {count}"


# AWS


@_for(AwsError)
def _refused(error: AwsError, subject: str) -> str:
    known = error.label is not None and error.label != Label()
    label = pool_label(error.label) if error.label and known else subject
    return explain(error, f"The {label}", error.doing)


def explain(error: AwsError, subject: str, doing: str) -> str:
    """Return what AWS refused, why, and what to do about it.

    Args:
        error: what AWS said.
        subject: such as "The pool wspool-1a2b3c4d5".
        doing: what was being done, such as "created".
    """
    start = f"{subject} could not be {doing}: "
    detail = redact(error.detail).strip().rstrip(".")
    if error.code.startswith("AccessDenied") and _is_about_an_action(detail):
        action = _denied_action(error)
        reason = f" ({detail})" if detail else ""
        return (
            f"{start}AWS denied the action {action}{reason}; add {action} to the IAM policy of "
            "whoever runs this, then run again."
        )
    if error.is_connection_failure:
        return (
            f"{start}AWS could not be reached for {error.operation} ({detail}); check the network, "
            "the region and aws:endpoints, then run again."
        )
    said = advice.matching(advice.IN_OUR_WORDS, error.code)
    what = said or f"AWS answered {error.operation} with {error.code} ({detail})"
    then = advice.matching(advice.ADVICE, error.code) or "see what AWS says and run again"
    return f"{start}{what}; {then}."


def _denied_action(error: AwsError) -> str:
    named = _DENIED_ACTION.search(error.detail)
    if named is not None:
        return str(named.group(1))
    service = "sts" if error.operation in ("AssumeRole", "GetCallerIdentity") else "workspaces"
    return f"{service}:{error.operation}"


def _is_about_an_action(detail: str) -> bool:
    """Whether a refusal is for want of a permission, as far as AWS says why.

    AWS refuses in the same way what an account may not do at all, such as new pools of customers
    that have none yet.
    """
    return bool(_DENIED_ACTION.search(detail)) or detail.lower() in ("", "access denied")


# A pool's own errors


def other_errors(pool: Pool) -> list[Mapping[str, Any]]:
    """Return what AWS reports of a pool, but for the fact that it is stopped."""
    reported: list[Mapping[str, Any]] = list(pool.get("Errors", []))
    return [error for error in reported if error.get("ErrorCode") != "WORKSPACES_POOL_STOPPED"]


def explain_pool_errors(pool_errors: Sequence[Mapping[str, Any]]) -> str:
    """Return code, text and, for the common ones, what to do, joined by semicolons.

    Args:
        pool_errors: the `Errors` of DescribeWorkspacesPools.
    """
    return "; ".join(_explain_pool_error(error) for error in pool_errors)


def _explain_pool_error(error: Mapping[str, Any]) -> str:
    code = str(error.get("ErrorCode", "UNKNOWN"))
    text = redact(error.get("ErrorMessage", "")).strip().rstrip(".")
    then = advice.matching(advice.POOL_ERROR_ADVICE, code)
    return code + (f" ({text})" if text else "") + (f": {then}" if then else "")


@_for(errors.StoppedWithErrorsError)
def _stopped_with_errors(error: errors.StoppedWithErrorsError, _subject: str) -> str:
    pool = error.pool
    then = "run `pulumi up` again"
    if pool["State"] == "STOPPED":
        then = 'set desired_state="RUNNING" to start it, and run `pulumi up` again'
    return (
        f"The {pool_label(Label.of(pool))} is {pool['State']} and AWS reports "
        f"{explain_pool_errors(other_errors(pool))}; then {then}."
    )


# Waits


@_for(errors.TimedOutError)
def _timed_out(error: errors.TimedOutError, _subject: str) -> str:
    state = "not shown by AWS" if error.state in ("missing", "unknown") else error.state
    said = explain_pool_errors(error.pool_errors)
    reports = f" and AWS reports {said}" if said else ""
    return (
        f"The {pool_label(error.label)} is still {state} after {format_duration(error.waited)}"
        f"{reports}; run `pulumi up` again to go on waiting, or raise custom_timeouts."
    )


@_for(errors.CancelledError)
def _cancelled(error: errors.CancelledError, _subject: str) -> str:
    return (
        f"The run was cancelled while the {pool_label(error.label)} was {error.state}; run the "
        "same command again to go on."
    )


@_for(errors.WentBackError)
def _went_back(error: errors.WentBackError, _subject: str) -> str:
    pool = error.pool
    said = explain_pool_errors(list(pool.get("Errors", [])))
    reports = f": AWS reports {said}" if said else ""
    return (
        f"The {pool_label(Label.of(pool))} is {pool['State']}, not {error.wanted}{reports}; then "
        "run `pulumi up` again."
    )


@_for(errors.UnshownChangeError)
def _unshown(error: errors.UnshownChangeError, _subject: str) -> str:
    return (
        f"AWS accepted the change of {', '.join(error.properties)} of {pool_label(error.label)} "
        "but does not show it; run `pulumi refresh` to see what it holds, then `pulumi up`."
    )


@_for(errors.PoolGoneError)
def _gone(error: errors.PoolGoneError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} is {error.state}, though this program did not ask for it; "
        "run `pulumi refresh` and then `pulumi up` to create it anew."
    )


@_for(errors.UnfinishedError)
def _unfinished(error: errors.UnfinishedError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} is unfinished: a run that created or stopped it was "
        "interrupted; run `pulumi up` to finish it."
    )


@_for(errors.SessionsActiveError)
def _sessions_active(error: errors.SessionsActiveError, _subject: str) -> str:
    users = "1 user session" if error.count == 1 else f"{error.count} user sessions"
    return (
        f"The {pool_label(error.label)} has {users} active, so it was neither stopped nor deleted; "
        "wait until its users have left, or set disconnect_active_sessions=True to end their "
        "sessions."
    )


# Names and ids


@_for(errors.NameTakenError)
def _name_taken(error: errors.NameTakenError, _subject: str) -> str:
    holder = error.holder
    return (
        f"The name is taken: {pool_label(Label.of(holder))} is {holder['State']} in this account "
        "and region and was not made by this resource; set "
        f'adopt_pool_id="{holder["PoolId"]}" to manage it here, choose another pool_name, or, if '
        "this replaces the pool itself, set delete_before_replace=True."
    )


def another_name(holder: Pool) -> str:
    """Return the warning that the automatic name of a new pool is taken, so another is used."""
    return (
        f"The name of the {pool_label(Label.of(holder))} is the one that this resource would have "
        "taken, so another is used; if that pool is not being replaced now, find out whose it is: "
        "one that is a leftover of yours can be adopted with adopt_pool_id."
    )


@_for(errors.NoFreeNameError)
def _no_free_name(_error: errors.NoFreeNameError, subject: str) -> str:
    return f"The {subject} finds none of its automatic names free; set pool_name."


@_for(errors.UncertainCreationError)
def _uncertain_creation(error: errors.UncertainCreationError, subject: str) -> str:
    return (
        f'The {subject} may exist under the name "{error.label.name}": AWS did not answer its '
        f"creation ({error.cause.code}) and could not be asked afterwards; run `pulumi up` again, "
        "which goes on with it, before `pulumi destroy`, which does not know of it."
    )


@_for(errors.NotFoundError)
def _not_found(error: errors.NotFoundError, _subject: str) -> str:
    then = "check the id and the region that are given to WorkspacesPool.get"
    if error.argument == "adopt_pool_id":
        then = "correct adopt_pool_id or the region, or take it away to create a pool"
    return f"The {pool_label(error.label)} does not exist in {error.region}; {then}."


@_for(errors.NotAPoolIdError)
def _not_a_pool_id(error: errors.NotAPoolIdError, _subject: str) -> str:
    return (
        f'"{error.value}" is not the id of a pool, such as wspool-1a2b3c4d5; correct what is given '
        "to WorkspacesPool.get (get_workspaces_pool finds a pool by its name)."
    )


# Whose pool it is


@_for(errors.FixedNameError)
def _fixed_name(error: errors.FixedNameError, _subject: str) -> str:
    return (
        f'The {pool_label(error.label)} cannot be adopted under the name "{error.wanted}"; a '
        f'pool keeps its name, so set pool_name="{error.label.name}" or leave it out.'
    )


@_for(errors.AlreadyManagesError)
def _already_manages(error: errors.AlreadyManagesError, subject: str) -> str:
    return (
        f"The {subject} is {pool_label(error.label)} already, so it cannot adopt "
        f"{error.adopt_pool_id}; declare another resource for that pool, or take adopt_pool_id out."
    )


@_for(errors.ClaimedError)
def _claimed(error: errors.ClaimedError, _subject: str) -> str:
    return (
        f'The {pool_label(error.label)} cannot stay here, because the resource "{error.holder}" of '
        "this program adopts it; a pool has one resource, so take one of the two out."
    )


def claimed(holder: str) -> str:
    """Return what is wrong with adopting a pool that another resource of the program has."""
    return (
        f'names a pool that the resource "{holder}" of this program has or adopts; a pool has one '
        "resource, so take one of the two out"
    )


@_for(errors.UnfinishedElsewhereError)
def _unfinished_elsewhere(error: errors.UnfinishedElsewhereError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} cannot be adopted, since {describe_owner(error.holder)} is "
        "creating it; wait until that run has ended, then run again."
    )


@_for(errors.ChangedHandsError)
def _changed_hands(error: errors.ChangedHandsError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} now belongs to {describe_owner(error.holder)}, which has "
        "adopted it, so it is neither changed nor deleted from here; take it out of this program, "
        "or run `pulumi state delete` and adopt it again with adopt_pool_id."
    )


def not_deleted(error: errors.ChangedHandsError) -> str:
    """Return the warning that a pool which has changed hands was left alone."""
    return (
        f"The {pool_label(error.label)} was not deleted: {describe_owner(error.holder)} has "
        "adopted it and keeps it."
    )


@_for(errors.ReplacedByItselfError)
def _replaced_by_itself(error: errors.ReplacedByItselfError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} was not deleted, because the resource that is to replace "
        "it adopts it: take adopt_pool_id away first (it has done its work once the pool is in the "
        "stack), then replace."
    )


# Accounts, regions, configuration


@_for(errors.WrongAccountError)
def _wrong_account(error: errors.WrongAccountError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} belongs to account {error.its_account}, but this run "
        f"reaches AWS as account {error.reached}; sign in to the other account, or name a role of "
        "it in assume_role, then run again."
    )


@_for(errors.UnprovenGoneError)
def _unproven_gone(error: errors.UnprovenGoneError, _subject: str) -> str:
    return (
        f"The {pool_label(error.label)} is not there, and whether it is deleted or belongs to "
        f"another account than this run's could not be asked ({error.cause.operation} of STS: "
        f"{error.cause.code}); make STS reachable, or set aws:skipRequestingAccountId to believe "
        "it all the same, then run again."
    )


@_for(errors.NoRegionError)
def _no_region(_error: errors.NoRegionError, subject: str) -> str:
    return f"The {subject} has no region; set aws:region, then run again."


@_for(errors.ConfigurationError)
def _configuration(error: errors.ConfigurationError, _subject: str) -> str:
    return (
        f"The configuration value {error.key} is not {error.expected}; correct it with `pulumi "
        "config set`."
    )


@_for(errors.UnknownHostError)
def _unknown_host(error: errors.UnknownHostError, _subject: str) -> str:
    return (
        f"pulumi-workspaces-pool does not know the dynamic host of the Python package pulumi "
        f"{error.version}, and does nothing rather than work half blind; install pulumi "
        f"{error.known}."
    )
