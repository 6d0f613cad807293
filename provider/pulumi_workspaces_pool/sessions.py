"""botocore sessions and clients, as the stack's settings want them."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # typed without the second
    getproxies_environment,
    proxy_bypass_environment,
)

from botocore import credentials
from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from . import redaction
from .configuration import Settings, role_arguments

if TYPE_CHECKING:
    pass

# Of STS, with botocore's waits between them, about half a minute. Calls of pools are made again by
# `retries`.
_ATTEMPTS = {"sts": 12}
_CONNECTIONS = 256
_USER_AGENT = "pulumi-workspaces-pool"


class AwsSession(Session):
    """A session whose clients are all made as the settings want, botocore's own included."""

    def __init__(self, settings: Settings) -> None:
        """Take the profile and the files from the settings."""
        super().__init__(profile=settings.profile)
        self._settings = settings
        variables = {
            "config_file": settings.config_file,
            "credentials_file": settings.credentials_file,
            "ca_bundle": settings.ca_bundle,
            "ec2_metadata_service_endpoint": settings.metadata_endpoint,
            "ec2_metadata_service_endpoint_mode": settings.metadata_mode,
        }
        for name, value in variables.items():
            if value is not None:
                self.set_config_variable(name, value)

    @property
    def attempts(self) -> int | None:
        """How often a call is made at most, if anybody has configured that."""
        if self._settings.max_retries is not None:
            return self._settings.max_retries + 1
        configured = self.get_config_variable("max_attempts")
        return max(1, int(configured)) if configured else None

    def create_client(self, service_name: str, *args: Any, **given: Any) -> Any:
        """Make a client as botocore does, with the settings where nothing else is given."""
        settings = self._settings
        if service_name == "sts" and settings.sts_region:
            args, given = (), {**given, "region_name": settings.sts_region}
        endpoint = dict(settings.endpoints).get(service_name)
        if endpoint:
            given.setdefault("endpoint_url", endpoint)
        if settings.insecure:
            given["verify"] = False
        config = self._wanted_config(service_name)
        if given.get("config") is not None:
            config = config.merge(given["config"])
        client = super().create_client(service_name, *args, **{**given, "config": config})
        proxies = self._proxies(client.meta.endpoint_url)
        if proxies is None:
            return client
        config = config.merge(Config(proxies=proxies))
        return super().create_client(service_name, *args, **{**given, "config": config})

    def _wanted_config(self, service: str) -> Config:
        settings = self._settings
        return Config(
            retries=self._retries(_ATTEMPTS.get(service, 1)),
            max_pool_connections=_CONNECTIONS,
            user_agent_extra=" ".join((_USER_AGENT, *settings.user_agents)),
            use_fips_endpoint=settings.use_fips,
            use_dualstack_endpoint=settings.use_dualstack,
        )

    def _retries(self, attempts: int) -> Any:
        mode = self._settings.retry_mode or os.environ.get("AWS_RETRY_MODE")
        # botocore's variable has a default, which is not to be told from a choice.
        mode = mode or self.get_scoped_config().get("retry_mode") or "adaptive"
        return {"mode": mode, "total_max_attempts": self.attempts or attempts}

    def _proxies(self, url: str) -> dict[str, str] | None:
        """The proxies on the way to a URL; None leaves them to botocore."""
        # Of the hosts that need no proxy botocore knows the environment's list alone.
        settings = self._settings
        if not (settings.http_proxy or settings.https_proxy or settings.no_proxy):
            return None
        proxies = getproxies_environment()
        if settings.no_proxy:
            proxies["no"] = settings.no_proxy
        if proxy_bypass_environment(urlsplit(url).netloc.rpartition("@")[2], proxies):
            return {}
        own = {"http": settings.http_proxy, "https": settings.https_proxy}
        proxies.update({scheme: proxy for scheme, proxy in own.items() if proxy})
        return {scheme: proxies[scheme] for scheme in own if scheme in proxies}


def of(settings: Settings, region: str) -> AwsSession:
    """Return a session with the credentials that the settings lead to.

    Roles are assumed, by STS of the region, at its first call, and again when they expire.
    """
    session = AwsSession(settings)
    if settings.access_key and settings.secret_key:
        session.set_credentials(settings.access_key, settings.secret_key, settings.token)
    elif settings.skip_metadata:
        session.get_component("credential_provider").remove("iam-role")
    if settings.web_identity_role:
        session = _web_identity(session, region, json.loads(settings.web_identity_role))
    for role in settings.assume_roles:
        session = _assuming(session, region, role_arguments(json.loads(role)))
    return session


def _web_identity(source: AwsSession, region: str, role: dict[str, Any]) -> AwsSession:
    arguments = role_arguments(role)
    if session_name := os.environ.get("AWS_ROLE_SESSION_NAME"):
        arguments.setdefault("RoleSessionName", session_name)

    def token() -> str:
        given: str | None = role.get("webIdentityToken")
        text = given or Path(role["webIdentityTokenFile"]).read_text("utf-8").strip()
        redaction.conceal(text)
        return text

    fetcher = credentials.AssumeRoleWithWebIdentityCredentialFetcher(
        _sts(source, region), token, arguments.pop("RoleArn"), arguments
    )
    return _deferred(source, fetcher.fetch_credentials)


def _assuming(source: AwsSession, region: str, role: dict[str, Any]) -> AwsSession:
    own = source.get_credentials()
    if own is None:
        raise NoCredentialsError
    fetcher = credentials.AssumeRoleCredentialFetcher(
        _sts(source, region), own, role.pop("RoleArn"), role
    )
    return _deferred(source, fetcher.fetch_credentials)


def _sts(session: AwsSession, region: str) -> Callable[..., Any]:
    return functools.partial(session.create_client, region_name=region)


def _deferred(source: AwsSession, fetch: Callable[[], Any]) -> AwsSession:
    class Role(credentials.CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> credentials.Credentials:
            return credentials.DeferredRefreshableCredentials(fetch, self.METHOD)

    session = AwsSession(source._settings)
    resolver = credentials.CredentialResolver([Role()])
    session.register_component("credential_provider", resolver)
    return session
