"""The calls of AWS, and what botocore makes of their failures."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import errors, redaction, spec
from .cached import cached_once
from .configuration import Settings
from .errors import PoolError

# A program that only declares pools must not pay for botocore, so it is imported where it is used.
if TYPE_CHECKING:
    from botocore.client import BaseClient

    from .sessions import AwsSession

SIGNING_IN = "the sign-in to AWS"
"""Stands for an operation in errors from before one is sent."""


class Aws:
    """The AWS APIs of one account, as one set of settings reaches them in one region."""

    def __init__(self, settings: Settings, region: str) -> None:
        """Prepare the calls; nothing is sent yet."""
        self.region = region
        self.settings = settings
        self._lock = threading.Lock()
        # AWS limits the rate of each operation by itself, and botocore's limiter is the client's.
        self._clients: dict[str, BaseClient] = {}
        self._session: AwsSession | None = None
        self._account: str | None = None
        self._account_lock = threading.Lock()

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation of the WorkSpaces API once, or as often as retries are configured."""
        return self._call("workspaces", operation, parameters)

    @property
    def retries_configured(self) -> bool:
        """Whether somebody has configured how often a call is made (`aws:maxRetries` ...)."""
        return self._session is not None and self._session.attempts is not None

    @property
    def account(self) -> str:
        """The id of the account that the credentials belong to (STS GetCallerIdentity)."""
        with self._account_lock:
            if self._account is None:
                self._account = str(self._call("sts", "GetCallerIdentity", {})["Account"])
            return self._account

    def prepare(self) -> None:
        """Make the first client ahead of its call; what prevents it is for that call to say."""
        with contextlib.suppress(errors.AwsError), _aws_errors(SIGNING_IN):
            self._client("workspaces", "DescribeWorkspacesPools")

    def refuse_account(self) -> None:
        """Refuse an account that the configuration does not allow (STS GetCallerIdentity)."""
        allowed, forbidden = self.settings.allowed_accounts, self.settings.forbidden_accounts
        if allowed and self.account not in allowed:
            key, names = "aws:allowedAccountIds", "does not name"
        elif forbidden and self.account in forbidden:
            key, names = "aws:forbiddenAccountIds", "names"
        else:
            return
        raise errors.ForbiddenAccountError(key=key, names=names, account=self.account)

    def _call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        from botocore import xform_name  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        with _aws_errors(SIGNING_IN):
            client = self._client(service, operation)
            self._conceal_credentials()
        with _aws_errors(operation):
            method = getattr(client, xform_name(operation))
            try:
                answer: dict[str, Any] = method(**parameters)
            except BotoCoreError:
                raise
            except (AttributeError, KeyError, TypeError, ValueError):
                # What botocore's parser meets in an answer of another form.
                raise errors.AwsError(operation, errors.NO_ANSWER, "JSON of its form") from None
        if service == "workspaces" and (lacks := _lacking(operation, answer)):
            raise errors.AwsError(operation, errors.NO_ANSWER, lacks)
        return answer

    def _client(self, service: str, operation: str) -> BaseClient:
        from . import sessions  # noqa: PLC0415

        with self._lock:
            if self._session is None:
                self._session = sessions.of(self.settings, self.region)
            if operation not in self._clients:
                self._clients[operation] = self._session.create_client(service, self.region)
            return self._clients[operation]

    def _conceal_credentials(self) -> None:
        """Let what the call is signed with be in no message; refuse what cannot be sent."""
        credentials = self._session.get_credentials() if self._session else None
        for secret in credentials.get_frozen_credentials()[:3] if credentials else ():
            redaction.conceal(secret)
            if secret and not (secret.isascii() and secret.isprintable() and " " not in secret):
                raise errors.AwsError(SIGNING_IN, errors.MALFORMED, "", answered=False)


@cached_once
def ambient_region(settings: Settings) -> str | None:
    """Find the region of the environment or the profile.

    Boto3 alone does not look at AWS_REGION, which pulumi_aws and every other SDK prefer.
    """
    from .sessions import AwsSession  # noqa: PLC0415

    with _aws_errors(SIGNING_IN):
        region, session = os.environ.get("AWS_REGION"), AwsSession(settings)
        # To botocore, a variable that is empty is a region of that name.
        region = region or session.get_config_variable("region")
        return region or session.get_scoped_config().get("region")


@cached_once
def refuse_missing_profile(settings: Settings) -> None:
    """Raise an AwsError if the profile does not exist, or a shared file cannot be read."""
    from .sessions import AwsSession  # noqa: PLC0415

    with _aws_errors(SIGNING_IN):
        AwsSession(settings).get_scoped_config()


@cached_once
def known_regions() -> frozenset[str]:
    """Return the regions of every partition that botocore knows."""
    from botocore.session import Session  # noqa: PLC0415

    session = Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )


@contextlib.contextmanager
def _aws_errors(operation: str) -> Iterator[None]:
    """Re-raise whatever botocore raises as AwsError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        yield
    except PoolError:
        raise
    except ClientError as error:
        operation, said = error.operation_name or operation, error.response.get("Error", {})
        code, detail = said.get("Code", "Unknown"), said.get("Message", "")
        metadata = error.response.get("ResponseMetadata", {})
        status, retried = metadata.get("HTTPStatusCode", 0), bool(metadata.get("RetryAttempts"))
        raise errors.AwsError(operation, code, detail, in_doubt=retried, status=status) from None
    except ResponseParserError:
        raise errors.AwsError(operation, errors.NO_ANSWER, "answer of its form") from None
    except BotoCoreError as error:
        code, detail = type(error).__name__, str(error)
        raise errors.AwsError(operation, code, detail, answered=False) from None
    except Exception as error:
        # What a credential_process that is missing or prints no JSON comes to, for one.
        detail = f"{type(error).__name__}: {error}"
        raise errors.AwsError(operation, errors.NOT_SENT, detail, answered=False) from None


def _lacking(operation: str, answer: Mapping[str, Any]) -> str | None:
    """A member that AWS always sends and that an answer does not have, if there is one."""
    shape = spec.service_model().operation_model(operation).output_shape
    members = shape.members if shape else {}
    always = (name for name in members if name != "NextToken")
    return _lacking_member(members, always, answer)


def _lacking_member(members: Mapping[str, Any], needed: Iterable[str], value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "members"
    for name in needed:
        if value.get(name) is None:
            return name
        shape, held = members[name], value[name]
        items = held if shape.type_name == "list" else [held]
        child = shape.member if shape.type_name == "list" else shape
        if child.type_name == "structure":
            for item in items:
                if lacks := _lacking_member(child.members, child.required_members, item):
                    return lacks
    return None
