"""The stack's `aws:*` configuration -> Settings."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import keys, redaction
from .errors import ConfigurationError, RefusedKeyError
from .tags import TagRules

Parse = Callable[[Any], Any]

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SESSION_SECONDS = (15 * 60, 12 * 60 * 60)
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/\S+")
_ACCOUNT_DIGITS = 12
_FORM = "of the form that pulumi_aws documents"
_CALLED = ("workspaces", "sts")
_DEFAULT_TAG = "TF_AWS_DEFAULT_TAGS_"
_IGNORED_KEYS, _IGNORED_PREFIXES = "TF_AWS_IGNORE_TAGS_KEYS", "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"


class _UnlikeError(ValueError):
    """A value is not what the text says that it should be."""


def _text(value: Any) -> str:
    """Text as pulumi_aws gets it, which YAML may have read as a number or a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format(Decimal(repr(value)).normalize(), "f")
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _plain_text(value: Any) -> str:
    """Text that is no list or object, as which another key's value may have come here."""
    text = _text(value)
    with contextlib.suppress(json.JSONDecodeError):
        if isinstance(json.loads(text), (list, dict)):
            raise _UnlikeError("plain text")
    return text


def _url(value: Any) -> str:
    parts = urlsplit(text := _text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _UnlikeError("a URL with http:// or https://")
    return text


def _credential(value: Any) -> str:
    # A file saved on Windows ends in a line break, which botocore would quote in its error.
    text = _text(value).strip()
    redaction.conceal(text)
    if not text.isprintable() or " " in text:
        raise _UnlikeError("one word without line breaks")
    return text


def _count(value: Any) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text := _text(value)):
        raise _UnlikeError("a whole number from 0 to 9999")
    return int(text)


def _boolean(value: Any) -> bool:
    if (text := _text(value).lower()) not in ("true", "false"):
        raise _UnlikeError("true or false")
    return text == "true"


def _one_of(*known: str) -> Parse:
    def parse(value: Any) -> str:
        if (text := _text(value)) not in known:
            raise _UnlikeError(" or ".join(known))
        return text

    return parse


def _file(value: Any) -> str:
    path = Path(_text(value)).expanduser()
    if not path.is_file():
        raise _UnlikeError("the path of a file")
    return str(path)


def _one_file(value: Any) -> str | None:
    files = _list(value)
    if len(files) > 1:
        raise _UnlikeError("a single file, the most that botocore reads of the kind")
    return _file(files[0]) if files else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _headers(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    if not all(text.isascii() and text.isprintable() for text in texts):
        raise _UnlikeError("a list of texts that a header can hold: printable ASCII")
    return texts


def _accounts(value: Any) -> tuple[str, ...]:
    accounts = tuple(text.zfill(_ACCOUNT_DIGITS) for text in _texts(value))
    if not all(re.fullmatch(rf"[0-9]{{{_ACCOUNT_DIGITS}}}", account) for account in accounts):
        raise _UnlikeError(f"a list of account ids of {_ACCOUNT_DIGITS} digits")
    return accounts


def _roles(value: Any) -> tuple[str, ...]:
    return tuple(_role(role) for role in (value if isinstance(value, list) else [value]))


def _role(role: Any) -> str:
    role_arguments(role)
    if not _ROLE_ARN.fullmatch(role["roleArn"]):
        raise _UnlikeError("a role with its ARN as roleArn")
    return json.dumps(role, sort_keys=True)


def _web_role(value: Any) -> str:
    role = {"roleArn": os.environ.get("AWS_ROLE_ARN", ""), **value}
    if role.get("webIdentityToken") and role.get("webIdentityTokenFile"):
        raise _UnlikeError("right with both webIdentityToken and webIdentityTokenFile")
    if token := role.get("webIdentityToken"):
        role["webIdentityToken"] = _credential(token)
    elif path := role.get("webIdentityTokenFile") or os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        role["webIdentityTokenFile"] = _file(path)
    else:
        raise _UnlikeError("complete without webIdentityToken or webIdentityTokenFile")
    return _role(role)


def _endpoints(value: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for index, entry in enumerate(value if isinstance(value, list) else [value]):
        for service, url in sorted(entry.items()):
            if service in _CALLED and url:
                try:
                    found.append((service, _url(url)))
                except _UnlikeError as unlike:
                    key = f"aws:endpoints[{index}].{service}"
                    raise ConfigurationError(key=key, expected=str(unlike)) from None
    return tuple(found)


def _tags(value: Any) -> tuple[tuple[str, str], ...]:
    tags = value.get("tags") or {}
    return tuple(sorted((key, _text(item)) for key, item in tags.items()))


def _ignored_tags(value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _texts(value.get("keys")), _texts(value.get("keyPrefixes"))


def _list(value: Any) -> list[Any]:
    try:
        value = _structured(value)
    except json.JSONDecodeError:
        raise _UnlikeError(f"{_FORM}, as text stands where a list belongs") from None
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _structured(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _key(key: str, parse: Parse = _plain_text, default: Any = None, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"key": key, "parse": parse})


@dataclass(frozen=True)
class Settings:
    """What the stack's `aws:*` configuration says, as pulumi_aws means it.

    Each attribute is the key that its line names; `keys.KEYS` says what the key does. Roles are
    JSON, so that the settings can be hashed. What may be secret is not shown by `repr`.
    """

    region: str | None = _key("region")
    profile: str | None = _key("profile")
    access_key: str | None = _key("accessKey", _credential, secret=True)
    secret_key: str | None = _key("secretKey", _credential, secret=True)
    token: str | None = _key("token", _credential, secret=True)
    max_retries: int | None = _key("maxRetries", _count)
    retry_mode: str | None = _key("retryMode", _one_of("standard", "adaptive"))
    assume_roles: tuple[str, ...] = _key("assumeRoles", _roles, (), secret=True)
    web_identity_role: str | None = _key("assumeRoleWithWebIdentity", _web_role, secret=True)
    allowed_accounts: tuple[str, ...] = _key("allowedAccountIds", _accounts, ())
    forbidden_accounts: tuple[str, ...] = _key("forbiddenAccountIds", _accounts, ())
    config_file: str | None = _key("sharedConfigFiles", _one_file)
    credentials_file: str | None = _key("sharedCredentialsFiles", _one_file)
    metadata_endpoint: str | None = _key("ec2MetadataServiceEndpoint", _url)
    metadata_mode: str | None = _key("ec2MetadataServiceEndpointMode", _one_of("IPv4", "IPv6"))
    skip_metadata: bool = _key("skipMetadataApiCheck", _boolean, default=False)
    endpoints: tuple[tuple[str, str], ...] = _key("endpoints", _endpoints, (), secret=True)
    sts_region: str | None = _key("stsRegion")
    use_fips: bool | None = _key("useFipsEndpoint", _boolean)
    use_dualstack: bool | None = _key("useDualstackEndpoint", _boolean)
    ca_bundle: str | None = _key("customCaBundle", _file)
    insecure: bool = _key("insecure", _boolean, default=False)
    http_proxy: str | None = _key("httpProxy", secret=True)
    https_proxy: str | None = _key("httpsProxy", secret=True)
    no_proxy: str | None = _key("noProxy")
    user_agents: tuple[str, ...] = _key("userAgents", _headers, ())
    default_tags: tuple[tuple[str, str], ...] = _key("defaultTags", _tags, (), secret=True)
    ignored_tags: tuple[tuple[str, ...], tuple[str, ...]] = _key(
        "ignoreTags", _ignored_tags, ((), ())
    )
    skip_region_validation: bool = _key("skipRegionValidation", _boolean, default=False)
    skip_requesting_account_id: bool = _key("skipRequestingAccountId", _boolean, default=False)

    def assuming(self, role: Mapping[str, Any] | None) -> Settings:
        """Return the same settings with one more role to assume, after those of the stack."""
        if not role:
            return self
        return replace(self, assume_roles=(*self.assume_roles, json.dumps(role, sort_keys=True)))

    @property
    def tag_rules(self) -> TagRules:
        """What the stack says of tags."""
        return TagRules(dict(self.default_tags), *self.ignored_tags)

    @classmethod
    def from_config(cls, get: Callable[[str], Any], names: Iterable[str] = ()) -> Settings:
        """Read the settings.

        Args:
            get: returns the value of a configuration key such as `aws:region`, or None; values
                that are not text may come as JSON text.
            names: all keys that are set, where they can be listed; those of the namespace `aws`
                must exist.

        Raises:
            ConfigurationError: a value is not of the form that pulumi_aws documents.
            RefusedKeyError: a key of pulumi_aws cannot be honoured.
            UnknownKeyError: pulumi_aws has no such key, or an object no such member.
        """
        keys.refuse_unknown(names)
        for name, key in keys.KEYS.items():
            if key.standing == keys.REFUSED and get(f"aws:{name}") not in (None, "", "disabled"):
                raise RefusedKeyError(key=f"aws:{name}", note=key.note)
        values = {
            each.name: _read(get, each.metadata["key"], each.metadata["parse"])
            for each in fields(cls)
        }
        if role := _read(get, "assumeRole", _roles):
            if values["assume_roles"] is not None:
                raise ConfigurationError(
                    key="aws:assumeRole", expected="to be set beside aws:assumeRoles"
                )
            values["assume_roles"] = role
        _refuse_half_credentials(values)
        found = cls(**{name: value for name, value in values.items() if value is not None})
        return found._with_tags_of_environment()

    def _with_tags_of_environment(self) -> Settings:
        tags = {
            name.removeprefix(_DEFAULT_TAG): value
            for name, value in os.environ.items()
            if name.startswith(_DEFAULT_TAG)
        }
        tags.update(self.default_tags)
        names, prefixes = self.ignored_tags
        ignored = (
            names or tuple(filter(None, os.environ.get(_IGNORED_KEYS, "").split(","))),
            prefixes or tuple(filter(None, os.environ.get(_IGNORED_PREFIXES, "").split(","))),
        )
        return replace(self, default_tags=tuple(sorted(tags.items())), ignored_tags=ignored)


def _read(get: Callable[[str], Any], key: str, parse: Parse) -> Any:
    value = get(f"aws:{key}")
    if value in (None, ""):
        return None
    try:
        if keys.members(key):
            value = _structured(value)
            keys.refuse_unknown_members(key, value)
        return parse(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        expected = _FORM
        if isinstance(error, json.JSONDecodeError):
            expected = "JSON"
        elif isinstance(error, _UnlikeError):
            expected = str(error)
        raise ConfigurationError(key=f"aws:{key}", expected=expected) from None


def _refuse_half_credentials(values: Mapping[str, Any]) -> None:
    names = {"access_key": "aws:accessKey", "secret_key": "aws:secretKey", "token": "aws:token"}
    given = [name for name in names if values[name]]
    for needed in ("access_key", "secret_key"):
        if given and needed not in given:
            raise ConfigurationError(
                key=names[needed], expected=f"set, although {names[given[0]]} is"
            )


def role_arguments(role: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a role of the configuration into the parameters of AssumeRole (STS).

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it is not of the documented form.
    """

    def text(member: str) -> str:
        return _text(role.get(member) or "")

    parameters = {
        "RoleArn": role["roleArn"],
        "RoleSessionName": text("sessionName"),
        "ExternalId": text("externalId"),
        "Policy": _policy(role.get("policy")),
        "SourceIdentity": text("sourceIdentity"),
        "DurationSeconds": _session_seconds(text("duration")),
        "TransitiveTagKeys": list(_texts(role.get("transitiveTagKeys"))),
        "PolicyArns": [{"arn": arn} for arn in _texts(role.get("policyArns"))],
        "Tags": [
            {"Key": key, "Value": _text(value)} for key, value in (role.get("tags") or {}).items()
        ],
    }
    return {name: value for name, value in parameters.items() if value}


def _policy(value: Any) -> str:
    # `pulumi config set --path` makes an object of JSON.
    return json.dumps(value) if isinstance(value, Mapping) else _text(value or "")


def _session_seconds(duration: str) -> int:
    """Read a duration of Go's, such as "1h30m" or "1.5h"; without one it is 0."""
    if not duration:
        return 0
    unsigned = duration.removeprefix("+")
    if _DURATION.sub("", unsigned):
        raise _UnlikeError('made of durations such as "1h30m" or "900s"')
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(unsigned))
    least, most = _SESSION_SECONDS
    if not least <= seconds <= most:
        raise _UnlikeError("made of durations from 15 minutes to 12 hours")
    return round(seconds)
