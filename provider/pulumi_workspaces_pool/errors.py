"""AWS errors -> what happened and what to do about it, in one sentence a person can act on."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_ACCESS_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_DENIED_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")
_concealed: set[str] = set()


class PoolError(Exception):
    """A failure that a person can act on; its text is one sentence."""


class AwsError(PoolError):
    """AWS refused a call, or could not be reached.

    Attributes:
        operation: the API operation, such as `CreateWorkspacesPool`.
        code: AWS's error code, or the name of botocore's exception where no answer came.
        detail: what AWS said, free of credentials.
    """

    def __init__(self, operation: str, code: str, detail: str) -> None:
        """Keep what AWS said.

        Args:
            operation: the API operation that was called.
            code: AWS's error code.
            detail: AWS's message.
        """
        self.operation = operation
        self.code = code
        self.detail = redact(detail).strip().rstrip(".")
        super().__init__(f"{operation} failed with {code}: {self.detail}")


class PoolGoneError(PoolError):
    """The pool is not there, or is on its way out."""


class PoolUnreadyError(PoolError):
    """AWS accepted the pool or its change, but it is not where it should be."""


_CREDENTIALS = "check the AWS credentials of this run (aws:profile, AWS_PROFILE or the environment)"

# Error codes by what a person can do about them. A code that starts like a key matches it.
_ADVICE = {
    "ResourceLimitExceededException": "delete a pool that is not needed, or ask for a higher quota "
    "of WorkSpaces Pools in AWS Service Quotas",
    "ResourceNotFoundException": "check that the bundle and the directory exist in this region, "
    "and that the directory is registered for POOLS",
    "ResourceAlreadyExistsException": "choose another pool_name, or adopt the pool that has it "
    "with adopt_pool_id",
    "InvalidParameterValuesException": "correct the value that AWS names",
    "ValidationException": "correct the value that AWS names",
    "OperationNotSupportedException": "check that the bundle, the directory and the running mode "
    "allow this for pools",
    "OperationInProgressException": "wait until the other change of the pool has ended, then "
    "run again",
    "InvalidResourceStateException": "wait until the pool is RUNNING or STOPPED, then run again",
    "Throttling": "run again later, with a lower --parallel if it happens often",
    "TooManyRequests": "run again later, with a lower --parallel if it happens often",
    "RequestLimitExceeded": "run again later, with a lower --parallel if it happens often",
    "ExpiredToken": "sign in again, for example with `aws sso login`",
    "RequestExpired": "set this machine's clock",
    "UnrecognizedClient": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidSignature": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "NoCredentials": "sign in to AWS, or set aws:profile, AWS_PROFILE or the AWS_ACCESS_KEY_ID "
    "family",
    "PartialCredentials": _CREDENTIALS,
    "CredentialRetrieval": _CREDENTIALS,
    "TokenRetrieval": "sign in again, for example with `aws sso login`",
    "SSOTokenLoad": "sign in again, for example with `aws sso login`",
    "UnauthorizedSSOToken": "sign in again, for example with `aws sso login`",
    "AccessDenied": "it is not for want of a permission, so see what AWS says",
    "ProfileNotFound": "set aws:profile or AWS_PROFILE to a profile of ~/.aws/config",
    "NoRegion": "set a region with `pulumi config set aws:region ...`",
    "InternalServer": "run again: AWS had a fault of its own",
    "ServiceUnavailable": "run again: AWS had a fault of its own",
}

# What AWS says of these can quote the request, signature and session token included.
_SAID_IN_OUR_WORDS = {
    "ExpiredToken": "AWS says that the credentials have expired",
    "UnrecognizedClient": "AWS does not know these credentials",
    "InvalidClientTokenId": "AWS does not know these credentials",
    "InvalidAccessKeyId": "AWS does not know these credentials",
    "InvalidSignature": "AWS does not accept the signature made with these credentials",
    "SignatureDoesNotMatch": "AWS does not accept the signature made with these credentials",
    "NoCredentials": "no AWS credentials were found",
}

# A pool's own Errors, by what a person can do about them.
_POOL_ERROR_ADVICE = {
    "IAM_SERVICE_ROLE": "create the role workspaces_DefaultRole with its EC2 network actions",
    "MACHINE_ROLE_IS_MISSING": "create the IAM role that the pool's machines use",
    "NETWORK_INTERFACE_LIMIT_EXCEEDED": "ask for a higher quota of network interfaces in this "
    "region",
    "SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES": "free addresses in the directory's subnets or use "
    "larger ones",
    "SUBNET_NOT_FOUND": "register the directory with subnets that exist",
    "INVALID_SUBNET_CONFIGURATION": "register the directory with two subnets in zones that "
    "WorkSpaces supports",
    "SECURITY_GROUPS_NOT_FOUND": "give the directory a security group that exists",
    "IGW_NOT_ATTACHED": "attach an internet gateway to the VPC",
    "IMAGE_NOT_FOUND": "choose a bundle whose image exists",
    "BUNDLE_NOT_FOUND": "choose a bundle that exists in this region",
    "DIRECTORY_NOT_FOUND": "choose a directory that is registered for POOLS in this region",
    "STS_DISABLED_IN_REGION": "enable STS for this region in the account settings of IAM",
    "INSUFFICIENT_PERMISSIONS_ERROR": "give workspaces_DefaultRole the permissions that AWS names",
    "DEFAULT_OU_IS_MISSING": "set the directory's default organizational unit",
    "DOMAIN_JOIN": "check the directory's Active Directory settings and its service account secret",
    "INTERNAL_SERVICE_ERROR": "run again: AWS had a fault of its own",
    "WORKSPACES_POOL_INSTANCE_PROVISIONING_FAILURE": "check the bundle and the directory's network",
}


_PASSING = (
    "Throttl",
    "TooManyRequests",
    "RequestLimitExceeded",
    "InternalServer",
    "ServiceUnavailable",
    # botocore gives the HTTP status where an answer has no code of its own.
    "500",
    "502",
    "503",
    "504",
)


def conceal(secret: str | None) -> None:
    """Keep a credential out of every message from now on.

    Args:
        secret: an access key id, secret key or session token; None or a short string is ignored.
    """
    if secret and len(secret) >= 8:
        # As it is, and as a URL has it.
        _concealed.update((secret, quote(secret, safe=""), quote(secret)))


def forget_concealed() -> None:
    """Drop the credentials seen so far, for a process that runs one program after another."""
    _concealed.clear()


def redact(text: str) -> str:
    """Take every known credential and everything shaped like an access key id out of a text.

    Args:
        text: any text.

    Returns:
        The text with `[concealed]` where a credential stood.
    """
    for secret in sorted(_concealed.copy(), key=len, reverse=True):
        text = text.replace(secret, "[concealed]")
    return _ACCESS_KEY_ID.sub("[concealed]", text)


def pool_label(name: str | None, pool_id: str | None) -> str:
    """Name a pool in a message.

    Args:
        name: the pool's name, where known.
        pool_id: the pool's id, where it has one yet.

    Returns:
        For example ``pool "desks" (wspool-1a2b3c4d5)``.
    """
    if name and pool_id:
        return f'pool "{name}" ({pool_id})'
    return f'pool "{name}"' if name else f"pool {pool_id}"


def is_passing(error: AwsError) -> bool:
    """Tell whether the same call may well succeed a little later.

    Args:
        error: what AWS said.

    Returns:
        True for throttling, AWS's own faults and connections that failed.
    """
    return error.code.startswith(_PASSING) or _is_connection_failure(error.code)


def denied_action(error: AwsError) -> str:
    """Say which IAM action is missing.

    Args:
        error: an AccessDenied error.

    Returns:
        The action that AWS names, or else the one of the operation.
    """
    named = _DENIED_ACTION.search(error.detail)
    if named is not None:
        return str(named.group(1))
    service = "sts" if error.operation in ("AssumeRole", "GetCallerIdentity") else "workspaces"
    return f"{service}:{error.operation}"


def explain(error: AwsError, subject: str, doing: str) -> str:
    """Say in one sentence which pool, what happened, and what to do about it.

    Args:
        error: what AWS said.
        subject: the pool, as `pool_label` names it.
        doing: what was being done, such as "created".

    Returns:
        The sentence.
    """
    start = f"{subject} could not be {doing}: "
    if error.code.startswith("AccessDenied") and _is_about_an_action(error.detail):
        action = denied_action(error)
        reason = f" ({error.detail})" if error.detail else ""
        return (
            f"{start}AWS denied the action {action}{reason}; add {action} to the IAM policy of "
            "whoever runs this, then run again."
        )
    said = _matching(_SAID_IN_OUR_WORDS, error.code)
    what = said or f"AWS answered {error.operation} with {error.code} ({error.detail})"
    advice = _matching(_ADVICE, error.code) or "see what AWS says and run again"
    if _is_connection_failure(error.code):
        what = f"AWS could not be reached for {error.operation} ({error.detail})"
        advice = "check the network, the region and aws:endpoints, then run again"
    return f"{start}{what}; {advice}."


def explain_pool_errors(pool_errors: list[dict[str, Any]]) -> str:
    """Say what a pool's own Errors mean.

    Args:
        pool_errors: the `Errors` of DescribeWorkspacesPools.

    Returns:
        Code, text and, for the common ones, what to do; joined by semicolons.
    """
    return "; ".join(_explain_pool_error(error) for error in pool_errors)


def _explain_pool_error(error: dict[str, Any]) -> str:
    code = str(error.get("ErrorCode", "UNKNOWN"))
    text = redact(error.get("ErrorMessage", "")).strip().rstrip(".")
    advice = _matching(_POOL_ERROR_ADVICE, code)
    return code + (f" ({text})" if text else "") + (f": {advice}" if advice else "")


def _is_about_an_action(detail: str) -> bool:
    """Whether a refusal is for want of a permission, as far as AWS says why.

    AWS refuses in the same way what an account may not do at all, such as new pools of customers
    that have none yet.
    """
    return bool(_DENIED_ACTION.search(detail)) or detail.lower() in ("", "access denied")


def _matching(table: dict[str, str], code: str) -> str | None:
    return next((text for start, text in table.items() if code.startswith(start)), None)


def _is_connection_failure(code: str) -> bool:
    return code.endswith(("ConnectionError", "TimeoutError", "ConnectionClosedError", "SSLError"))
