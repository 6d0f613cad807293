"""How the stand-in reaches AWS: the provider's configuration, as far as the tests use it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import boto3


class Aws:
    """boto3 clients for one configuration of the provider.

    Attributes:
        region: the provider's region.
        default_tags: the tags that every resource gets.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Prepare the session; roles are assumed here.

        Args:
            config: the provider's configuration, such as `{"region": "us-east-1"}`; values that
                are not texts may be given as JSON.
        """
        self._session = boto3.Session(
            aws_access_key_id=config.get("accessKey"),
            aws_secret_access_key=config.get("secretKey"),
            aws_session_token=config.get("token"),
            region_name=config.get("region"),
        )
        for role in _structured(config.get("assumeRoles")) or []:
            self._session = _assumed(self._session, role)
        self.region = str(self._session.region_name)
        tags = (_structured(config.get("defaultTags")) or {}).get("tags")
        self.default_tags: dict[str, str] = dict(tags or {})
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, properties: Mapping[str, Any]) -> Any:
        """The client of a service, in the region that the properties name or the provider's."""
        key = (service, str(properties.get("region") or self.region))
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.client(service, region_name=key[1])  # type: ignore[call-overload]  # the name is a variable
            return self._clients[key]


def _assumed(session: boto3.Session, role: Mapping[str, Any]) -> boto3.Session:
    answer = session.client("sts").assume_role(
        RoleArn=role["roleArn"], RoleSessionName=role.get("sessionName") or "aws-stand-in"
    )
    given = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )


def _structured(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
