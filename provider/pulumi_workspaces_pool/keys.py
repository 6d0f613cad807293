"""The configuration keys of pulumi_aws 7: which count here, and what their members are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .errors import UnknownKeyError

HONOURED = "honoured"
REFUSED = "refused"
MEANINGLESS = "without meaning"


class Key(NamedTuple):
    """A key of the namespace `aws`.

    Attributes:
        standing: HONOURED, REFUSED, or MEANINGLESS to WorkSpaces Pools.
        note: what it does here, in Markdown; of a refused one what to do instead.
    """

    standing: str
    note: str


KEYS: dict[str, Key] = {
    "accessKey": Key(HONOURED, "with `aws:secretKey`; set both with `--secret`"),
    "allowedAccountIds": Key(HONOURED, "asked of STS before the first change"),
    "assumeRoleWithWebIdentity": Key(HONOURED, "`roleArn`, with a token or a token's file"),
    "assumeRoles": Key(HONOURED, "each role is assumed with the credentials of the one before"),
    "customCaBundle": Key(HONOURED, "a file of certificates; `AWS_CA_BUNDLE` does the same"),
    "defaultTags": Key(
        HONOURED,
        "tags of every pool, which its own `tags` override by key; "
        "`TF_AWS_DEFAULT_TAGS_<key>` adds to them",
    ),
    "ec2MetadataServiceEndpoint": Key(HONOURED, "a URL"),
    "ec2MetadataServiceEndpointMode": Key(HONOURED, "`IPv4` or `IPv6`"),
    "endpoints": Key(HONOURED, "URLs by service, of which `workspaces` and `sts` are used"),
    "forbiddenAccountIds": Key(HONOURED, "asked of STS before the first change"),
    "httpProxy": Key(HONOURED, "for URLs that start with `http:`"),
    "httpsProxy": Key(HONOURED, "for URLs that start with `https:`"),
    "ignoreTags": Key(
        HONOURED,
        "tags of others, by `keys` and `keyPrefixes`: neither shown nor changed; "
        "`TF_AWS_IGNORE_TAGS_KEYS` and `TF_AWS_IGNORE_TAGS_KEY_PREFIXES` do the same",
    ),
    "insecure": Key(HONOURED, "certificates are not verified"),
    "maxRetries": Key(
        HONOURED,
        "the number of retries of a call, as botocore makes them (`AWS_MAX_ATTEMPTS` counts the "
        "first call as well); left out, see below",
    ),
    "noProxy": Key(HONOURED, "hosts that are reached without a proxy, separated by commas"),
    "profile": Key(HONOURED, "a profile of the shared files"),
    "region": Key(HONOURED, "the region of pools and lookups that set none"),
    "retryMode": Key(HONOURED, "`standard` or `adaptive`; left out, `adaptive`"),
    "s3UsEast1RegionalEndpoint": Key(MEANINGLESS, "S3 is not called"),
    "s3UsePathStyle": Key(MEANINGLESS, "S3 is not called"),
    "secretKey": Key(HONOURED, "with `aws:accessKey`"),
    "sharedConfigFiles": Key(HONOURED, "one file; several are refused, as botocore reads one"),
    "sharedCredentialsFiles": Key(HONOURED, "one file; several are refused"),
    "skipCredentialsValidation": Key(MEANINGLESS, "credentials are not validated ahead of a call"),
    "skipMetadataApiCheck": Key(HONOURED, "credentials are not asked of the EC2 metadata service"),
    "skipRegionValidation": Key(HONOURED, "regions that botocore does not know are accepted"),
    "skipRequestingAccountId": Key(
        HONOURED, "a pool that is not found is believed to be gone, whatever the account"
    ),
    "stsRegion": Key(HONOURED, "the region of the calls of STS"),
    "tagPolicyCompliance": Key(
        REFUSED, "required tags are not looked up; set it to `disabled`, or remove it"
    ),
    "token": Key(HONOURED, "with `aws:accessKey` and `aws:secretKey`"),
    "tokenBucketRateLimiterCapacity": Key(
        REFUSED, "botocore's retry quota cannot be set; set `aws:maxRetries` instead"
    ),
    "useDualstackEndpoint": Key(HONOURED, "`AWS_USE_DUALSTACK_ENDPOINT` does the same"),
    "useFipsEndpoint": Key(HONOURED, "`AWS_USE_FIPS_ENDPOINT` does the same"),
    "userAgents": Key(HONOURED, "a list of texts, added to the User-Agent header"),
}

# Beside those of pulumi_aws 7: its earlier name for a list of one.
EARLIER = {"assumeRole": "assumeRoles"}

_WEB_ROLE = (
    "duration",
    "policy",
    "policyArns",
    "roleArn",
    "sessionName",
    "webIdentityToken",
    "webIdentityTokenFile",
)
_ROLE = (
    "duration",
    "externalId",
    "policy",
    "policyArns",
    "roleArn",
    "sessionName",
    "sourceIdentity",
    "tags",
    "transitiveTagKeys",
)
_MEMBERS: dict[str, tuple[str, ...]] = {
    "assumeRole": _ROLE,
    "assumeRoleWithWebIdentity": _WEB_ROLE,
    "assumeRoles": _ROLE,
    "defaultTags": ("tags",),
    "ignoreTags": ("keyPrefixes", "keys"),
}


def members(key: str) -> tuple[str, ...]:
    """Return the names of the members of a key's value; empty where it is no object."""
    if key == "endpoints":
        return tuple(Path(__file__).with_name("endpoints.txt").read_text("utf-8").split())
    return _MEMBERS.get(key, ())


def refuse_unknown(names: Iterable[str]) -> None:
    """Refuse keys, such as `aws:region`, of the namespace `aws` that pulumi_aws does not have."""
    known = [*KEYS, *EARLIER]
    for name in names:
        namespace, _, key = name.partition(":")
        if namespace == "aws" and key not in known:
            raise _unknown("aws:", key, known)


def refuse_unknown_members(key: str, value: Any) -> None:
    """Refuse members of a key's value, in its object or objects, that pulumi_aws does not have."""
    known = members(key)
    if not known:
        return
    listed = isinstance(value, list)
    for index, entry in enumerate(value if listed else [value]):
        path = f"aws:{key}[{index}]." if listed else f"aws:{key}."
        for name in entry if isinstance(entry, Mapping) else ():
            if name not in known:
                raise _unknown(path, name, known)


def _unknown(path: str, name: str, known: Iterable[str]) -> UnknownKeyError:
    near = difflib.get_close_matches(name, known, n=1)
    if not near:
        near = [each for each in known if each.lower() == name.lower()]
    return UnknownKeyError(key=f"{path}{name}", near=f"{path}{near[0]}" if near else None)
