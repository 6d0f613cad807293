"""The stack's `aws:*` configuration -> Settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import redaction
from .errors import ConfigurationError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"([0-9.]+)(h|ms|m|s)")


@dataclass(frozen=True)
class Settings:
    """What the stack's `aws:*` configuration says, as pulumi_aws means it.

    Attributes:
        region: `aws:region`.
        profile: `aws:profile`.
        access_key: `aws:accessKey`.
        secret_key: `aws:secretKey`.
        token: `aws:token`.
        max_retries: `aws:maxRetries`, the number of retries of a call.
        assume_roles: `aws:assumeRoles`, each role as JSON, in the order they are assumed.
        endpoints: `aws:endpoints`, pairs of a service and its URL.
        default_tags: `aws:defaultTags`, pairs of a key and a value.
        skip_requesting_account_id: `aws:skipRequestingAccountId`, the consent to believe a pool
            gone without knowing the account.
    """

    region: str | None = None
    profile: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    max_retries: int | None = None
    # External ids and policies may be secret.
    assume_roles: tuple[str, ...] = field(default=(), repr=False)
    endpoints: tuple[tuple[str, str], ...] = ()
    default_tags: tuple[tuple[str, str], ...] = ()
    skip_requesting_account_id: bool = False

    def assuming(self, role: Mapping[str, Any] | None) -> Settings:
        """Return the same settings with one more role to assume, after those of the stack.

        Args:
            role: `roleArn`, and whatever else an entry of `aws:assumeRoles` may have, or None.

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
            ConfigurationError: a value is not of the form that pulumi_aws documents.
        """

        def read(key: str, parse: Callable[[Any], Any] = lambda value: value) -> Any:
            value = get(f"aws:{key}")
            try:
                return None if value in (None, "") else parse(value)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                no_json = isinstance(error, json.JSONDecodeError)
                form = "JSON" if no_json else "of the form that pulumi_aws documents"
                raise ConfigurationError(f"aws:{key}", form) from None

        for secret in ("accessKey", "secretKey", "token"):
            redaction.conceal(get(f"aws:{secret}"))
        return cls(
            region=read("region"),
            profile=read("profile"),
            access_key=read("accessKey"),
            secret_key=read("secretKey"),
            token=read("token"),
            max_retries=read("maxRetries", int),
            assume_roles=read("assumeRoles", _roles) or read("assumeRole", _roles) or (),
            endpoints=read("endpoints", _endpoints) or (),
            default_tags=read("defaultTags", _tags) or (),
            skip_requesting_account_id=read("skipRequestingAccountId", _boolean) or False,
        )


def role_arguments(role: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a role of the configuration into the parameters of AssumeRole (STS).

    Args:
        role: an entry of `aws:assumeRoles`.

    Returns:
        The parameters by their API names.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it is not of the documented form.
    """
    parameters = {
        "RoleArn": role["roleArn"],
        "RoleSessionName": role.get("sessionName"),
        "ExternalId": role.get("externalId"),
        "Policy": role.get("policy"),
        "SourceIdentity": role.get("sourceIdentity"),
        "DurationSeconds": _seconds(role.get("duration") or ""),
        "TransitiveTagKeys": role.get("transitiveTagKeys"),
        "PolicyArns": [{"arn": arn} for arn in role.get("policyArns") or []],
        "Tags": [{"Key": key, "Value": value} for key, value in (role.get("tags") or {}).items()],
    }
    return {name: value for name, value in parameters.items() if value}


def _seconds(duration: str) -> int:
    """Read a duration as pulumi_aws takes it, such as "1h30m"."""
    if _DURATION.sub("", duration):
        raise ValueError(duration)
    return round(sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(duration)))


def _roles(value: Any) -> tuple[str, ...]:
    roles = _list(value)
    if not all(role_arguments(role).get("RoleArn") for role in roles):
        raise ValueError(value)
    return tuple(json.dumps(role, sort_keys=True) for role in roles)


def _endpoints(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple(pair for entry in _list(value) for pair in sorted(entry.items()))


def _tags(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((_structured(value) or {}).get("tags") or {}).items()))


def _boolean(value: Any) -> bool:
    found = _structured(value)
    if not isinstance(found, bool):
        raise TypeError(value)
    return found


def _list(value: Any) -> list[Any]:
    value = _structured(value) or []
    return value if isinstance(value, list) else [value]


def _structured(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
