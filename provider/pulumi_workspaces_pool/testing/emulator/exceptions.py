"""The errors that AWS answers for pools, beside those that moto has for WorkSpaces."""

# ruff: noqa: N818 - these are AWS's names

import json

from moto.core.exceptions import JsonRESTError


class _NamedError(JsonRESTError):
    """An error with the code that its class is named by."""

    code = 400

    def __init__(self, message: str) -> None:
        """Answer `message` with this error's code."""
        super().__init__(type(self).__name__, message)


class InvalidResourceStateException(_NamedError):
    """The resource is in a state that does not allow the operation."""


class OperationInProgressException(_NamedError):
    """The resource is on its way from one state to another."""


class OperationNotSupportedException(_NamedError):
    """The operation is never possible for a resource such as this."""


class ResourceLimitExceededException(_NamedError):
    """The account has as many resources as its quota allows."""


class ResourceNotFoundException(_NamedError):
    """There is no such resource; the answer names it."""

    def __init__(self, kind: str, resource_id: str) -> None:
        """Say that no resource of that kind and id could be found."""
        super().__init__(f"The {kind} {resource_id} could not be found.")
        answer = json.loads(self.description)
        self.description = json.dumps({**answer, "ResourceId": resource_id})


class SerializationException(_NamedError):
    """The request cannot be decoded, or a member of it has the wrong type."""
