"""botocore sessions, clients, retries and calls."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import errors, redaction, spec
from .cached import cached_once
from .configuration import Settings, role_arguments

# A program that only declares pools must not pay for botocore, so it is imported where it is used.
if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

# pulumi_aws retries 25 times; with botocore's waits that is far longer than anyone looks on.
_ATTEMPTS = 8
_CONNECTIONS = 256
_USER_AGENT = "pulumi-workspaces-pool"


class Aws:
    """The AWS APIs of one account, as one set of settings reaches them in one region.

    Attributes:
        region: the region, such as `us-east-1`.
        settings: how AWS is reached.
    """

    def __init__(self, settings: Settings, region: str) -> None:
        """Prepare the calls; nothing is sent yet.

        Args:
            settings: how to reach AWS.
            region: the region.
        """
        self.region = region
        self.settings = settings
        self._lock = threading.Lock()
        # AWS limits the rate of each operation by itself, and botocore's limiter is the client's.
        self._clients: dict[str, BaseClient] = {}
        self._session: Session | None = None

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation of the WorkSpaces API, with botocore's adaptive retries.

        Args:
            operation: such as `DescribeWorkspacesPools`.
            **parameters: its parameters by API name.

        Returns:
            The answer, as boto3 gives it.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        return self._call("workspaces", operation, parameters)

    @functools.cached_property
    def account(self) -> str:
        """The id of the account that the credentials belong to (STS GetCallerIdentity)."""
        return str(self._call("sts", "GetCallerIdentity", {})["Account"])

    def prepare(self) -> None:
        """Make the first client ahead of its call; what prevents it is for that call to say."""
        with contextlib.suppress(errors.AwsError), _aws_errors("the AWS session"):
            self._client("workspaces", "DescribeWorkspacesPools")

    def _call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        from botocore import xform_name  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        with _aws_errors(operation):
            client = self._client(service, operation)
            if self._session and (credentials := self._session.get_credentials()):
                # What the call is signed with is to be in no message.
                for secret in credentials.get_frozen_credentials()[:3]:
                    redaction.conceal(secret)
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
        with self._lock:
            if self._session is None:
                self._session = _session(self.settings, self.region)
            if operation not in self._clients:
                client = _new_client(self._session, self.settings, self.region, service)
                self._clients[operation] = client
            return self._clients[operation]


@cached_once
def ambient_region(profile: str | None) -> str | None:
    """Find the region of the environment or the profile.

    Boto3 alone does not look at AWS_REGION, which pulumi_aws and every other SDK prefer.

    Args:
        profile: the profile to look in, or None for boto3's choice.

    Returns:
        The region, or None if there is none.

    Raises:
        AwsError: the profile does not exist.
    """
    from botocore.session import Session  # noqa: PLC0415

    with _aws_errors("the AWS session"):
        return os.environ.get("AWS_REGION") or Session(profile=profile).get_config_variable(
            "region"
        )


@contextlib.contextmanager
def _aws_errors(operation: str) -> Iterator[None]:
    """Re-raise botocore's errors as AwsError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        operation, said = error.operation_name or operation, error.response.get("Error", {})
        code, detail = said.get("Code", "Unknown"), said.get("Message", "")
        raise errors.AwsError(operation, code, detail) from None
    except BotoCoreError as error:
        raise errors.AwsError(operation, type(error).__name__, str(error)) from None


def _session(settings: Settings, region: str) -> Session:
    from botocore.session import Session  # noqa: PLC0415

    session = Session(profile=settings.profile)
    if settings.access_key or settings.secret_key or settings.token:
        session.set_credentials(
            settings.access_key or "", settings.secret_key or "", settings.token
        )
    for role in settings.assume_roles:
        session = _assuming(session, settings, region, role_arguments(json.loads(role)))
    return session


def _assuming(source: Session, settings: Settings, region: str, role: dict[str, Any]) -> Session:
    from botocore import credentials  # noqa: PLC0415
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    own = source.get_credentials()
    if own is None:
        raise NoCredentialsError
    fetcher = credentials.AssumeRoleCredentialFetcher(
        functools.partial(_new_client, source, settings, region), own, role.pop("RoleArn"), role
    )

    class Role(credentials.CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> credentials.Credentials:
            return credentials.DeferredRefreshableCredentials(
                fetcher.fetch_credentials, self.METHOD
            )

    session = Session()
    resolver = credentials.CredentialResolver([Role()])
    session.register_component("credential_provider", resolver)
    return session


def _new_client(
    session: Session, settings: Settings, region: str, service: str, **credentials: Any
) -> BaseClient:
    from botocore.config import Config  # noqa: PLC0415

    attempts = session.get_config_variable("max_attempts") or _ATTEMPTS
    if settings.max_retries is not None:
        attempts = settings.max_retries + 1
    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": max(1, int(attempts))},
        max_pool_connections=_CONNECTIONS,
        user_agent_extra=_USER_AGENT,
    )
    endpoint = dict(settings.endpoints).get(service)
    client: BaseClient = session.create_client(
        service, region_name=region, endpoint_url=endpoint, config=config, **credentials
    )
    return client


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
