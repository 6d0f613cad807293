"""Every sentence that a person reads."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from . import advice, errors
from .errors import AwsError, Label, Pool
from .ownership import describe_owner
from .redaction import redact
from .validation import snake_case

_DENIED_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")

STOPPED_TO_DELETE = "AWS does not delete the pool in this state, so it is stopped first"

# By the error's class: `{pool}` is the error's pool, `{subject}` the resource's where the error
# knows no pool, and the rest is what the error is raised with, or one of the words of `_words`.
_SENTENCES: dict[type[Exception], str] = {
    # Names and ids
    errors.FixedNameError: 'The {pool} cannot be adopted under the name "{wanted}"; a pool keeps '
    'its name, so set pool_name="{label.name}" or leave it out.',
    errors.NameTakenError: "The name is taken: {pool} is {state} in this account and region "
    'and was not made by this resource; set adopt_pool_id="{label.pool_id}" to manage it here, '
    "choose another pool_name, or, if this replaces the pool itself, set "
    "delete_before_replace=True.",
    errors.NoFreeNameError: "The {subject} finds none of its automatic names free; set pool_name.",
    errors.NotAPoolIdError: '"{value}" is not the id of a pool, such as wspool-1a2b3c4d5; correct '
    "what is given to WorkspacesPool.get (get_workspaces_pool finds a pool by its name).",
    errors.NotFoundError: "The {pool} does not exist in {region}; check the id and the region that "
    "are given to WorkspacesPool.get.",
    errors.NothingToAdoptError: "The {pool} does not exist in {region}, so it cannot be adopted; "
    "correct adopt_pool_id or the region, or take it away to create a pool.",
    errors.UncertainCreationError: "{explained}; it may exist all the same, under the name "
    '"{label.name}", and another `pulumi up` goes on with it, but a `pulumi destroy` before that '
    "does not know of it.",
    errors.WrongInputsError: "The {subject} cannot be read, because {wrong}; correct what is given "
    "to WorkspacesPool.get.",
    # Whose pool it is
    errors.AlreadyManagesError: "The {subject} is {pool} already, so it cannot adopt "
    "{adopt_pool_id}; declare another resource for that pool, or take adopt_pool_id out.",
    errors.ChangedHandsError: "The {pool} now belongs to {owner}, which has adopted it, so it is "
    "neither changed nor deleted from here; take it out of this program, or run `pulumi state "
    "delete` and adopt it again with adopt_pool_id.",
    errors.ClaimedError: 'The {pool} cannot stay here, because the resource "{holder}" of this '
    "program adopts it; a pool has one resource, so take one of the two out.",
    errors.ReplacedByItselfError: "The {pool} was not deleted, because the resource that is to "
    "replace it adopts it: take adopt_pool_id away first (it has done its work once the pool is in "
    "the stack), then replace.",
    errors.UnfinishedElsewhereError: "The {pool} cannot be adopted, since {owner} is creating it; "
    "wait until that run has ended, then run again.",
    # Waits
    errors.CancelledError: "The run was cancelled while the {pool} was still {shown}; run "
    "`{command}` to go on.",
    errors.PoolGoneError: "The {pool} is {state}, though this program did not ask for it; run "
    "`pulumi refresh` and then `pulumi up` to create it anew.",
    errors.SessionsActiveError: "The {pool} has {sessions} active, so it was not {doing}; wait "
    "until its users have left, or set disconnect_active_sessions=True to end their sessions.",
    errors.StoppedWithErrorsError: "The {pool} is {state}{reports}; then {start}run `pulumi up` "
    "again.",
    errors.TimedOutError: "The {pool} is still {shown} after {duration}{reports}; run `{command}` "
    "again to go on waiting, or raise custom_timeouts.",
    errors.UnfinishedError: "The {pool} is unfinished: a run that created or stopped it was "
    "interrupted; run `pulumi up` to finish it.",
    errors.UnshownChangeError: "AWS accepted the change of {properties} of {pool} but does not "
    "show it; run `pulumi refresh` to see what it holds, then `pulumi up`.",
    errors.WentBackError: "The {pool} is {state}, not {wanted}{reports}; then run `pulumi up` "
    "again.",
    # Accounts, regions, configuration
    errors.ConfigurationError: "The configuration value {key} is not {expected}; correct it with "
    "`pulumi config set`, then run `pulumi up` (a refresh or a destroy takes the values of the "
    "last one, unless it is run with --run-program).",
    errors.ForbiddenAccountError: "The {subject} was not changed: this run reaches AWS as account "
    "{account}, which {key} {names}; sign in to another account, or correct {key}, then run again.",
    errors.RefusedKeyError: "The configuration key {key} cannot be honoured for pools: {note}.",
    errors.UnknownKeyError: "The configuration has {key}, which pulumi_aws does not have"
    "{suggestion}; correct it with `pulumi config set` and `pulumi config rm`.",
    errors.NoRegionError: "The {subject} has no region; set aws:region, then run again.",
    errors.UnknownHostError: "pulumi-workspaces-pool does not know the dynamic host of the Python "
    "package pulumi {version}, and does nothing rather than work half blind; install pulumi "
    "{known}.",
    errors.UnprovenGoneError: "The {pool} is not there, and whether it is deleted or belongs to "
    "another account than this run's could not be asked of STS ({cause.operation}: {cause.code}); "
    "make STS reachable, or set aws:skipRequestingAccountId to believe it all the same, then run "
    "again.",
    errors.WrongAccountError: "The {pool} belongs to account {its_account}, but this run reaches "
    "AWS as account {reached}; sign in to the other account, or name a role of it in assume_role, "
    "then run again.",
}


def sentence(error: Exception, resource_name: str = "") -> str:
    """Return the user-facing message for an exception.

    Args:
        error: the exception.
        resource_name: the resource's logical name, for an error that knows no pool.

    Returns:
        One sentence: which pool, what happened, what to do; free of credentials.
    """
    subject = f'pool of resource "{resource_name}"' if resource_name else "pool"
    if isinstance(error, AwsError):
        label = error.label if error.label != Label() else None
        text = explain(error, f"The {pool_label(label) if label else subject}", error.doing)
    elif template := _SENTENCES.get(type(error)):
        text = template.format(subject=subject, **_words(error))
    else:
        text = (
            f"The {subject} met a fault in pulumi-workspaces-pool itself "
            f"({type(error).__name__}: {error}); please report it with the output of "
            "`pulumi up --debug`, then run again."
        )
    return redact(text)


def _words(error: Exception) -> dict[str, Any]:
    """What a sentence may name: what an error knows, and what a person reads of that."""
    words = {**vars(error), **vars(error).get("data", {})}
    if isinstance(pool := words.get("pool"), Mapping):
        words.update(label=Label.of(pool), state=pool["State"], pool_errors=other_errors(pool))
        stopped = words["state"] == "STOPPED"
        words["start"] = 'set desired_state="RUNNING" to start it, and ' if stopped else ""
    if words.get("label"):
        words["pool"] = pool_label(words["label"])
    if isinstance(cause := words.get("cause"), AwsError):
        words["explained"] = explain(cause, f"The {words['pool']}", "created").rstrip(".")
    for known, (word, show) in _SHOWN.items():
        if known in words:
            words[word] = show(words[known])
    return words


def pool_label(label: Label) -> str:
    """Return how a message names a pool, such as ``pool "desks" (wspool-1a2b3c4d5)``."""
    if label.name and label.pool_id:
        return f'pool "{label.name}" ({label.pool_id})'
    return f'pool "{label.name}"' if label.name else f"pool {label.pool_id}"


def format_duration(seconds: float) -> str:
    """Return a duration as people write it, such as "2m10s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def progress(state: str, seconds: float) -> str:
    """Return the progress line of a pool that has been in a state for so many seconds."""
    return f"{state} for {format_duration(seconds)}"


def no_answer(state: str, code: str) -> str:
    """Return the progress line of a wait, or an operation, for which AWS does not answer."""
    return f"{state}; AWS does not answer ({code})"


def throttled(operation: str) -> str:
    """Return the progress line of a call that AWS takes later."""
    return f"AWS limits the rate of {operation}"


def ending_session(number: int, count: int) -> str:
    """Return the progress line of a stop that ends users' sessions."""
    return f"ending user session {number} of {count}"


def explain(error: AwsError, subject: str, doing: str) -> str:
    """Return what AWS refused, why, and what to do about it.

    Args:
        error: what AWS said.
        subject: such as "The pool wspool-1a2b3c4d5".
        doing: what was being done, such as "created".
    """
    what, then = _explanation(error, redact(error.detail).strip().rstrip("."))
    return f"{subject} could not be {doing}: {what}; {then}."


def _explanation(error: AwsError, detail: str) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    operation, code = error.operation, error.code
    reason = f" ({detail})" if detail else ""
    if code.startswith("AccessDenied") and (action := _denied_action(operation, detail)):
        then = f"add {action} to the IAM policy of whoever runs this, then run again"
        return f"AWS denied the action {action}{reason}", then
    if error.is_connection_failure:
        then = f"{advice.on_no_connection(code)}, then run again"
        return f"AWS could not be reached for {operation}{reason}", then
    if code == errors.NO_ANSWER:
        then = "check the network, a proxy on the way and aws:endpoints, then run again"
        return f"what answered {operation} is not AWS (it sent no {detail})", then
    failed = f"AWS answered {operation} with" if error.answered else f"{operation} failed with"
    what = advice.in_our_words(code) or f"{failed} {code}{reason}"
    return what, advice.on_refusal(operation, code)


def _denied_action(operation: str, detail: str) -> str | None:
    """The action that a permission is wanted for, as far as AWS says that it is one.

    AWS refuses in the same way what an account may not do at all, such as new pools of customers
    that have none yet.
    """
    if named := _DENIED_ACTION.search(detail):
        return named[1]
    if detail.lower() not in ("", "access denied"):
        return None
    is_of_sts = operation.startswith(("AssumeRole", "GetCallerIdentity"))
    return f"{'sts' if is_of_sts else 'workspaces'}:{operation}"


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
    then = advice.on_pool_error(code)
    return code + (f" ({text})" if text else "") + (f": {then}" if then else "")


def _reports(pool_errors: Sequence[Mapping[str, Any]]) -> str:
    said = explain_pool_errors(pool_errors)
    return f" and AWS reports {said}" if said else ""


def another_name(holder: Pool) -> str:
    """Return the warning that the automatic name of a new pool is taken, so another is used."""
    return (
        f"The name of the {pool_label(Label.of(holder))} is the one that this resource would have "
        "taken, so another is used; if that pool is not being replaced now, find out whose it is: "
        "one that is a leftover of yours can be adopted with adopt_pool_id."
    )


def claimed(holder: str) -> str:
    """Return what is wrong with adopting a pool that another resource of the program has."""
    return (
        f'names a pool that the resource "{holder}" of this program has or adopts; a pool has one '
        "resource, so take one of the two out"
    )


def unlike_region(region: str, known: Collection[str]) -> str:
    """Return what a region is not that botocore does not know, and how to have it all the same."""
    near = difflib.get_close_matches(region, sorted(known), n=3)
    # Letters that changed places are the likeliest slip.
    near.sort(key=lambda each: sorted(each) != sorted(region))
    suggestion = f" (did you mean {near[0]}?)" if near else ""
    return f"a region that botocore knows{suggestion}; set aws:skipRegionValidation to use it"


def not_deleted(error: errors.ChangedHandsError) -> str:
    """Return the warning that a pool which has changed hands was left alone."""
    return (
        f"The {pool_label(error.label)} was not deleted: {describe_owner(error.owner_tag)} has "
        "adopted it and keeps it."
    )


def _wrong(problems: Sequence[tuple[str, str]]) -> str:
    return " and ".join(f"{snake_case(path)} {reason}" for path, reason in problems)


# By what an error knows: the word of a sentence that is made of it, and how.
_SHOWN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "owner_tag": ("owner", describe_owner),
    "count": ("sessions", lambda n: "1 user session" if n == 1 else f"{n} user sessions"),
    "waited": ("duration", format_duration),
    "near": ("suggestion", lambda near: f" (did you mean {near}?)" if near else ""),
    "properties": ("properties", ", ".join),
    "pool_errors": ("reports", _reports),
    "problems": ("wrong", _wrong),
    "state": ("shown", lambda state: "not shown by AWS" if state.islower() else state),
}
