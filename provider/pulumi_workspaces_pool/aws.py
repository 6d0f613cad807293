"""boto3 sessions and clients from stack configuration: region, profile, role, endpoint, retries."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import errors
from .once import once

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.client import BaseClient
    from botocore.credentials import Credentials

# pulumi_aws retries 25 times; with botocore's waits that is far longer than anyone looks on.
_ATTEMPTS = 8
_CONNECTIONS = 256
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_USER_AGENT = "pulumi-workspaces-pool"


@dataclass(frozen=True)
class Settings:
    """What the stack's `aws:*` configuration says, as pulumi_aws means it.

    Attributes:
        region: `aws:region`.
        profile: `aws:profile`.
        access_key: `aws:accessKey`.
        secret_key: `aws:secretKey`.
        token: `aws:token`.
        max_retries: `aws:maxRetries`, how often a call is tried again.
        assume_roles: `aws:assumeRoles`, each role as JSON, in the order they are assumed.
        endpoints: `aws:endpoints`, pairs of a service and its URL.
        default_tags: `aws:defaultTags`, pairs of a key and a value.
    """

    region: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    max_retries: int | None = None
    assume_roles: tuple[str, ...] = ()
    endpoints: tuple[tuple[str, str], ...] = ()
    default_tags: tuple[tuple[str, str], ...] = ()

    def assuming(self, role: Mapping[str, Any] | None) -> Settings:
        """Give the same settings with one more role to assume, after those of the stack.

        Args:
            role: `roleArn`, and whatever else an entry of `aws:assumeRoles` may have; None is none.

        Returns:
            The settings.
        """
        if not role:
            return self
        return replace(self, assume_roles=(*self.assume_roles, json.dumps(role, sort_keys=True)))

    @classmethod
    def from_config(cls, get: Callable[[str], Any]) -> Settings:
        """Read the settings.

        Args:
            get: returns the value of a configuration key such as `aws:region`, or None; values
                that are not text may come as JSON text.

        Returns:
            The settings.

        Raises:
            PoolError: a value is not of the form that pulumi_aws documents.
        """
        for secret in ("accessKey", "secretKey", "token"):
            errors.conceal(get(f"aws:{secret}"))
        try:
            return cls._read(get)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise errors.PoolError(
                "A value of aws:maxRetries, aws:assumeRoles, aws:endpoints or aws:defaultTags is "
                "not of the form that pulumi_aws documents; correct it with `pulumi config set`."
            ) from None

    @classmethod
    def _read(cls, get: Callable[[str], Any]) -> Settings:
        roles = _as_list(_structured(get, "assumeRoles")) or _as_list(
            _structured(get, "assumeRole")
        )
        endpoints = _as_list(_structured(get, "endpoints"))
        default_tags = _structured(get, "defaultTags") or {}
        retries = get("aws:maxRetries")
        return cls(
            region=get("aws:region") or None,
            profile=get("aws:profile") or None,
            access_key=get("aws:accessKey") or None,
            secret_key=get("aws:secretKey") or None,
            token=get("aws:token") or None,
            max_retries=int(retries) if retries not in (None, "") else None,
            assume_roles=tuple(_role(role) for role in roles),
            endpoints=tuple(pair for entry in endpoints for pair in sorted(entry.items())),
            default_tags=tuple(sorted((default_tags.get("tags") or {}).items())),
        )


class Aws:
    """The AWS APIs of one account, as one set of settings reaches them in one region."""

    def __init__(self, settings: Settings, region: str) -> None:
        """Prepare the calls; nothing is sent yet.

        Args:
            settings: how to reach AWS.
            region: the region, such as `us-east-1`.
        """
        self.region = region
        self._settings = settings
        self._lock = threading.Lock()
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

    def _call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        # A program that only declares pools must not pay for botocore.
        from botocore import xform_name  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            method = getattr(self._client(service), xform_name(operation))
            answer: dict[str, Any] = method(**parameters)
        except ClientError as error:
            said = error.response.get("Error", {})
            self._conceal_credentials()
            raise errors.AwsError(
                error.operation_name or operation,
                said.get("Code", "Unknown"),
                said.get("Message", ""),
            ) from None
        except BotoCoreError as error:
            self._conceal_credentials()
            raise errors.AwsError(operation, type(error).__name__, str(error)) from None
        except Exception:
            self._conceal_credentials()
            raise
        return answer

    def prepare(self) -> None:
        """Make the client ahead of the first call; what prevents it is for that call to say."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  # as below

        with contextlib.suppress(BotoCoreError, errors.AwsError):
            self._client("workspaces")

    def _client(self, service: str) -> BaseClient:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def _new_client(self, service: str) -> BaseClient:
        from botocore.config import Config  # noqa: PLC0415

        if self._session is None:
            self._session = _session(self._settings, self.region)
        config = Config(
            retries=_retries(self._settings, self._session),  # type: ignore[arg-type]  # a TypedDict there
            max_pool_connections=_CONNECTIONS,
            user_agent_extra=_USER_AGENT,
        )
        endpoint = dict(self._settings.endpoints).get(service)
        client: BaseClient = self._session.client(  # type: ignore[call-overload]  # the name is a variable
            service, region_name=self.region, endpoint_url=endpoint, config=config
        )
        return client

    def _conceal_credentials(self) -> None:
        """Keep what the calls are signed with out of every message."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  # as above

        credentials = None
        with contextlib.suppress(BotoCoreError):
            # Where they cannot be found, there is nothing to conceal.
            credentials = self._session.get_credentials() if self._session else None
        for part in ("access_key", "secret_key", "token"):
            # The values in hand, without a refresh: that could fail in turn.
            errors.conceal(getattr(credentials, f"_{part}", None) or _plain(credentials, part))


@once
def connect(settings: Settings, region: str) -> Aws:
    """Give the one connection a process has for these settings and this region."""
    return Aws(settings, region)


@once
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
    return os.environ.get("AWS_REGION") or _session(Settings(profile=profile), None).region_name


def _session(settings: Settings, region: str | None) -> Session:
    from boto3.session import Session  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        session = Session(
            profile_name=settings.profile,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
            aws_session_token=settings.token,
            region_name=region,
        )
    except BotoCoreError as error:
        raise errors.AwsError("the AWS session", type(error).__name__, str(error)) from None
    for role in settings.assume_roles:
        session = _assume(session, json.loads(role), settings, region)
    return session


def _assume(
    source: Session, role: Mapping[str, Any], settings: Settings, region: str | None
) -> Session:
    from boto3.session import Session  # noqa: PLC0415
    from botocore.credentials import (  # noqa: PLC0415
        AssumeRoleCredentialFetcher,
        DeferredRefreshableCredentials,
    )
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    def client(service: str, **parameters: Any) -> Any:
        endpoint = dict(settings.endpoints).get(service)
        return source.client(  # type: ignore[call-overload]  # the name is a variable
            service, region_name=region, endpoint_url=endpoint, **parameters
        )

    credentials = source.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(
        client, credentials, role["roleArn"], extra_args=_role_arguments(role)
    )
    session = get_session()
    session._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # botocore has no public setter for refreshable ones
        fetcher.fetch_credentials, "assume-role"
    )
    return Session(botocore_session=session, region_name=region)


def _role_arguments(role: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "RoleSessionName": role.get("sessionName"),
        "ExternalId": role.get("externalId"),
        "Policy": role.get("policy"),
        "SourceIdentity": role.get("sourceIdentity"),
        "DurationSeconds": _seconds(role.get("duration")),
        "TransitiveTagKeys": role.get("transitiveTagKeys"),
        "PolicyArns": [{"arn": arn} for arn in role.get("policyArns") or []],
        "Tags": [{"Key": key, "Value": value} for key, value in (role.get("tags") or {}).items()],
    }
    return {name: value for name, value in named.items() if value}


def _seconds(duration: str | None) -> int | None:
    """Read a duration as pulumi_aws takes it, such as "1h30m"."""
    parts = re.findall(r"([0-9.]+)(h|ms|m|s)", duration or "")
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts)) or None


def _retries(settings: Settings, session: Session) -> dict[str, Any]:
    configured = session._session.get_config_variable("max_attempts")
    attempts = configured or _ATTEMPTS
    if settings.max_retries is not None:
        attempts = settings.max_retries + 1
    return {"mode": "adaptive", "total_max_attempts": max(1, int(attempts))}


def _plain(credentials: Credentials | None, part: str) -> str | None:
    # Refreshable credentials make a call where others just hold a value.
    if credentials is None or hasattr(credentials, "refresh_needed"):
        return None
    return getattr(credentials, part, None)


def _role(role: Mapping[str, Any]) -> str:
    if not role["roleArn"]:
        raise ValueError(role)
    return json.dumps(role, sort_keys=True)


def _structured(get: Callable[[str], Any], key: str) -> Any:
    value = get(f"aws:{key}")
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else None
    except ValueError:
        raise errors.PoolError(
            f"The configuration value aws:{key} is not JSON; set it as pulumi_aws documents it, "
            f"with `pulumi config set --path`."
        ) from None


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
